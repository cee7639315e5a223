#include "c/stop.hpp"

#include "c/call.hpp"

static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers may use no other");

plimsoll_stop::~plimsoll_stop() {
  for (Link* link = first_.load(); link != nullptr;) {
    Link* const next = link->next;
    delete link;
    link = next;
  }
}

// Both sides store first and look second (all sequentially consistent): either take() sees the request, or request()
// comes to a flag that is lowered already.
void plimsoll_stop::request() noexcept {
  requested_.store(true);
  for (Link* link = first_.load(); link != nullptr; link = link->next) link->flag.store(true);
}

plimsoll_stop::Link* plimsoll_stop::take() {
  Link* link = first_.load();
  for (; link != nullptr; link = link->next) {
    if (!link->taken.exchange(true)) break;
  }
  if (link == nullptr) {
    link = new Link;
    link->next = first_.load();
    while (!first_.compare_exchange_weak(link->next, link)) {
    }
  } else {
    link->flag.store(false);
  }
  if (requested_.load()) link->flag.store(true);
  return link;
}

plimsoll::c::StopFlag::StopFlag(plimsoll_stop* token) {
  if (token != nullptr) link_ = token->take();
}

plimsoll::c::StopFlag::~StopFlag() { link_->taken.store(false); }

extern "C" plimsoll_stop* plimsoll_stop_make(plimsoll_error* error) {
  return plimsoll::c::make(error, [] { return new plimsoll_stop; });
}

extern "C" void plimsoll_stop_request(plimsoll_stop* stop) {
  if (stop != nullptr) stop->request();
}

extern "C" void plimsoll_stop_free(plimsoll_stop* stop) { delete stop; }
