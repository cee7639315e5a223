#include "cli/run_attention.hpp"

#include "cli/arguments.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::cli {
namespace {

constexpr std::uint64_t most_tokens = 1'000'000'000;

void refuse_without_attention(const AttentionArguments& arguments) {
  const char* option = arguments.context          ? "--context"
                       : arguments.sequences      ? "--sequences"
                       : arguments.index          ? "--index"
                       : arguments.shared_context ? "--shared-context"
                                                  : nullptr;
  if (option == nullptr) return;
  throw Error(ErrorCode::usage, std::string(option) + " is about attention, and none is run", {},
              "Maybe add --attention msa.");
}

executor::IndexForm index_of(const std::string& word) {
  using executor::IndexForm;
  for (const IndexForm form : {IndexForm::exact, IndexForm::quantised, IndexForm::hierarchical}) {
    if (word == executor::name_of(form)) return form;
  }
  throw Error(ErrorCode::usage, "--index is exact, quantised or hierarchical, not '" + word + "'");
}

}  // namespace

void add_attention_options(CLI::App& command, AttentionArguments& arguments) {
  command
      .add_option("--attention", arguments.kind,
                  "Run the attention of each layer before its experts: msa (MiniMax Sparse Attention) or dense; the "
                  "shape must have it")
      ->type_name("KIND");
  command
      .add_option("--context", arguments.context,
                  "Tokens in the cache of each sequence before every micro-step: seeded keys and values, not computed "
                  "ones; 0 without it")
      ->type_name("N");
  command
      .add_option("--sequences", arguments.sequences,
                  "Sequences that the tokens of a micro-step are divided among, no more than those; 1 without it: one "
                  "chunk of a prefill; 0: one for each token, which is decoding")
      ->type_name("N");
  command
      .add_option("--index", arguments.index,
                  "How msa selects blocks, all to the same ones: exact, quantised (without it) or hierarchical")
      ->type_name("FORM");
  command.add_flag("--shared-context", arguments.shared_context, "All sequences of a layer begin with one context");
}

std::optional<executor::AttentionRequest> attention_of(const AttentionArguments& arguments) {
  if (!arguments.kind) {
    refuse_without_attention(arguments);
    return std::nullopt;
  }
  executor::AttentionRequest request;
  if (*arguments.kind != "msa" && *arguments.kind != "dense") {
    throw Error(ErrorCode::usage, "--attention is msa or dense, not '" + *arguments.kind + "'");
  }
  request.sparse = *arguments.kind == "msa";
  if (arguments.context) {
    request.context = static_cast<int>(whole_number("--context", *arguments.context, 0, most_tokens));
  }
  if (arguments.sequences) {
    request.sequences = static_cast<int>(whole_number("--sequences", *arguments.sequences, 0, most_tokens));
  }
  if (arguments.index) {
    if (!request.sparse) throw Error(ErrorCode::usage, "--index is about msa; dense attention has no index");
    request.form = index_of(*arguments.index);
  }
  request.shared_context = arguments.shared_context;
  return request;
}

}  // namespace plimsoll::cli
