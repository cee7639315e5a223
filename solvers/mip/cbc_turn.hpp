// One CBC solve at a time in the whole process: two at once "prove" wrong optima. A plain mutex could not be left when
// the time is up or somebody asks to stop.
#pragma once

#include "solvers/mip/search.hpp"

namespace plimsoll::solvers::mip {

class CbcTurn {
 public:
  // Returns when it is this solve's turn, or the search has to stop. Throws Error(unsupported) in a process that was
  // forked while another thread had its turn: CBC's globals are then what that thread left half done.
  explicit CbcTurn(Search& search);
  CbcTurn(const CbcTurn&) = delete;
  CbcTurn& operator=(const CbcTurn&) = delete;
  ~CbcTurn();
  [[nodiscard]] bool mine() const { return mine_; }

 private:
  bool mine_ = false;
};

}  // namespace plimsoll::solvers::mip
