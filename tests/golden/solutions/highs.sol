Model status
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
