#pragma once

#include "actors/messages.hpp"

namespace grape::actors {

/// The clause of `reporting_actor`, the same for all.
template <class Self>
auto reports(Self* self) {
  return [self](report_yourself) { return self_report{self->mailbox().size()}; };
}

} // namespace grape::actors
