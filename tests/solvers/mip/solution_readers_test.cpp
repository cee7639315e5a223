#include "solvers/mip/solution_readers.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"

namespace plimsoll::solvers::mip {
namespace {

using Point = std::vector<double>;

// a, a_rather_long_name (both whole), c.
Model three() {
  Model model;
  model.add_variable(0, 9, 1, true, "a");
  model.add_variable(0, 9, 1, true, "a_rather_long_name");
  model.add_variable(-9, 9, 1, false, "c");
  model.add_row(0, 1, std::vector<Entry>{{0, 1}}, "r");
  return model;
}

std::string refusal(SolutionFormat format, const std::string& text) {
  try {
    read_solution(three(), format, text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    return error.what();
  }
  return "accepted";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

const std::string plain = R"(c Problem:    plimsoll
c Rows:       1
c Columns:    3
c Non-zeros:  1
c Status:     INTEGER OPTIMAL
c Objective:  cost = 5.5 (MINimum)
c
s mip 1 3 o 5.5
i 1 2
j 1 2
j 2 3
j 3 0.5
e o f
)";

const std::string table = R"(Problem:    plimsoll
Rows:       1
Columns:    3 (2 integer, 0 binary)
Non-zeros:  1
Status:     INTEGER OPTIMAL
Objective:  cost = 5.5 (MINimum)

   No.   Row name        Activity     Lower bound   Upper bound
------ ------------    ------------- ------------- -------------
     1 r                           2             0             1 

   No. Column name       Activity     Lower bound   Upper bound
------ ------------    ------------- ------------- -------------
     1 a            *              2             0             9 
     2 a_rather_long_name
                    *              3             0             9 
     3 c                         0.5            -9             9 

Integer feasibility conditions:

KKT.PE: max.abs.err = 0.00e+00 on row 0
        max.rel.err = 0.00e+00 on row 0
        High quality

End of output
)";

TEST(GlpkSolutions, PlainAndTable) {
  for (const std::string& text : {plain, table}) {
    const ForeignSolution found = read_solution(three(), SolutionFormat::glpk, text);
    EXPECT_EQ(found.point, (Point{2, 3, 0.5}));
    EXPECT_EQ(found.status, "INTEGER OPTIMAL");
    EXPECT_EQ(found.objective, 5.5);
  }
}

TEST(GlpkSolutions, OfARelaxation) {
  std::string basic = replaced(plain, "INTEGER OPTIMAL", "OPTIMAL");
  basic = replaced(basic, "s mip 1 3 o 5.5", "s bas 1 3 f f 5.5");
  basic = replaced(basic, "j 1 2\nj 2 3\nj 3 0.5", "j 1 b 2 0\nj 2 u 3 -1\nj 3 l 0.5 1");
  EXPECT_EQ(read_solution(three(), SolutionFormat::glpk, basic).point, (Point{2, 3, 0.5}));
  std::string rows = replaced(table, "1 a            *              2 ", "1 a            NU             2 ");
  EXPECT_EQ(read_solution(three(), SolutionFormat::glpk, rows).point, (Point{2, 3, 0.5}));
}

TEST(GlpkSolutions, SayWhatIsWrong) {
  const auto glpk = SolutionFormat::glpk;
  EXPECT_EQ(refusal(glpk, ""), "line 0: expected a solution of glpsol, which begins with \"Problem:\" or \"c \"");
  EXPECT_EQ(refusal(glpk, replaced(plain, "INTEGER OPTIMAL", "INTEGER EMPTY")),
            "line 5: glpsol found no solution; it reads \"c Status:     INTEGER EMPTY\"");
  EXPECT_NE(refusal(glpk, replaced(table, "INTEGER OPTIMAL", "INTEGER UNDEFINED")), "accepted");
  EXPECT_EQ(refusal(glpk, replaced(plain, "j 2 3\n", "")),
            "line 12: the file ends without a value for variable \"a_rather_long_name\"; it reads \"e o f\"");
  EXPECT_EQ(refusal(glpk, replaced(plain, "j 2 3", "j 1 3")),
            "line 11: variable \"a\" has a value already; it reads \"j 1 3\"");
  EXPECT_EQ(refusal(glpk, replaced(plain, "j 3 0.5", "j 3 half")),
            "line 12: expected a number, found \"half\"; it reads \"j 3 half\"");
  EXPECT_NE(refusal(glpk, replaced(plain, "j 3 0.5", "j 4 0.5")), "accepted");
  EXPECT_NE(refusal(glpk, replaced(plain, "j 3 0.5", "j 3 nan")), "accepted");
  EXPECT_NE(refusal(glpk, replaced(plain, "s mip 1 3", "s mip 1 2")), "accepted");
  EXPECT_NE(refusal(glpk, plain.substr(0, plain.find("s mip"))), "accepted");
  // Cut short: no mark of the end.
  EXPECT_NE(refusal(glpk, replaced(plain, "e o f\n", "")), "accepted");
  EXPECT_NE(refusal(glpk, replaced(table, "End of output\n", "")), "accepted");
  EXPECT_EQ(refusal(glpk, replaced(table, "     3 c  ", "     3 d  ")).substr(0, 39),
            "line 17: the model has no variable \"d\";");
  EXPECT_NE(refusal(glpk, replaced(table, "     3 c                         0.5            -9             9 \n", "")),
            "accepted");
}

const std::string cbc = R"(Optimal - objective value 5.50000000
      0 a                       2                       1
      2 c                     0.5                       1
)";

TEST(CbcSolutions, ListOnlyWhatIsNotZero) {
  const ForeignSolution found = read_solution(three(), SolutionFormat::cbc, cbc);
  EXPECT_EQ(found.point, (Point{2, 0, 0.5}));
  EXPECT_EQ(found.status, "Optimal");
  EXPECT_EQ(found.objective, 5.5);
  EXPECT_EQ(read_solution(three(), SolutionFormat::cbc, "Optimal - objective value 0.00000000\n").point,
            (Point{0, 0, 0}));
}

TEST(CbcSolutions, OfASearchThatStopped) {
  for (const char* status : {"Stopped on time", "Stopped on iterations"}) {
    const ForeignSolution found = read_solution(three(), SolutionFormat::cbc, replaced(cbc, "Optimal", status));
    EXPECT_EQ(found.status, status);
    EXPECT_EQ(found.point, (Point{2, 0, 0.5}));
  }
}

// "**" marks values that cbc itself calls infeasible; they are read and left to the evaluation.
TEST(CbcSolutions, ReadMarkedValues) {
  const std::string marked = replaced(cbc, "      2 c  ", "**    2 c  ");
  EXPECT_EQ(read_solution(three(), SolutionFormat::cbc, marked).point, (Point{2, 0, 0.5}));
}

TEST(CbcSolutions, SayWhatIsWrong) {
  const auto format = SolutionFormat::cbc;
  EXPECT_NE(refusal(format, ""), "accepted");
  EXPECT_EQ(refusal(format, replaced(cbc, "Optimal", "Infeasible")),
            "line 1: cbc found no solution; it reads \"Infeasible - objective value 5.50000000\"");
  EXPECT_NE(refusal(format, replaced(cbc, "Optimal", "Integer infeasible")), "accepted");
  EXPECT_NE(refusal(format, replaced(cbc, "Optimal", "Unbounded")), "accepted");
  EXPECT_NE(refusal(format, replaced(cbc, "Optimal", "Stopped on time (no integer solution - continuous used)")),
            "accepted");
  EXPECT_EQ(refusal(format, replaced(cbc, "2 c", "2 z")),
            "line 3: the model has no variable \"z\"; it reads \"      2 z                     0.5                     "
            "  1\"");
  EXPECT_NE(refusal(format, replaced(cbc, "2 c", "2 a")), "accepted");
  EXPECT_NE(refusal(format, replaced(cbc, "0.5", "1e999")), "accepted");
  EXPECT_NE(refusal(format, replaced(cbc, "5.50000000", "")), "accepted");
  EXPECT_NE(refusal(format, cbc + "      3\n"), "accepted");
}

const std::string highs = R"(Model status
Optimal

# Primal solution values
Feasible
Objective 5.5
# Columns 3
a 2
a_rather_long_name 3
c 0.5
# Rows 1
r 2

# Dual solution values
None

# Basis
HiGHS v1
None
)";

TEST(HighsSolutions, RawStyle) {
  const ForeignSolution found = read_solution(three(), SolutionFormat::highs, highs);
  EXPECT_EQ(found.point, (Point{2, 3, 0.5}));
  EXPECT_EQ(found.status, "Optimal");
  EXPECT_EQ(found.objective, 5.5);
  const ForeignSolution stopped =
      read_solution(three(), SolutionFormat::highs, replaced(highs, "Optimal", "Time limit reached"));
  EXPECT_EQ(stopped.status, "Time limit reached");
}

TEST(HighsSolutions, SparseStyle) {
  const std::string sparse = replaced(
      replaced(highs, "# Columns 3\na 2\na_rather_long_name 3\nc 0.5", "# Columns -2\na 2 0\nc 0.5 2"), "5.5", "2.5");
  EXPECT_EQ(read_solution(three(), SolutionFormat::highs, sparse).point, (Point{2, 0, 0.5}));
}

TEST(HighsSolutions, SayWhatIsWrong) {
  const auto format = SolutionFormat::highs;
  EXPECT_NE(refusal(format, ""), "accepted");
  EXPECT_EQ(refusal(format, replaced(highs, "Feasible", "None")), "line 5: HiGHS found no solution; it reads \"None\"");
  EXPECT_NE(refusal(format, replaced(highs, "Feasible", "Infeasible")), "accepted");
  EXPECT_NE(refusal(format, replaced(highs, "Model status", "Status")), "accepted");
  EXPECT_NE(refusal(format, replaced(highs, "# Columns 3", "# Columns 2")), "accepted");
  EXPECT_NE(refusal(format, replaced(highs, "# Columns 3", "# Columns 4")), "accepted");
  EXPECT_NE(refusal(format, replaced(highs, "# Columns 3", "# Columns many")), "accepted");
  EXPECT_EQ(refusal(format, replaced(highs, "\nc 0.5", "\nd 0.5")),
            "line 10: the model has no variable \"d\"; it reads \"d 0.5\"");
  EXPECT_NE(refusal(format, replaced(highs, "\nc 0.5", "\na 0.5")), "accepted");
  EXPECT_NE(refusal(format, replaced(highs, "\nc 0.5", "\nc inf")), "accepted");
  EXPECT_NE(refusal(format, highs.substr(0, highs.find("\nc 0.5"))), "accepted");
  EXPECT_NE(refusal(format, highs.substr(0, highs.find("# Columns"))), "accepted");
}

TEST(SolutionFormats, AreNamed) {
  EXPECT_EQ(solution_format_named("glpk"), SolutionFormat::glpk);
  EXPECT_EQ(solution_format_named("cbc"), SolutionFormat::cbc);
  EXPECT_EQ(solution_format_named("highs"), SolutionFormat::highs);
  EXPECT_THROW(solution_format_named("gurobi"), Error);
}

}  // namespace
}  // namespace plimsoll::solvers::mip
