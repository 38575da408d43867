// SPDX-License-Identifier: BSL-1.0
// expect: an element must have a nothrow move constructor
#include <goro/pipeline/stages.hpp>

namespace gp = goro::pipeline;

struct does_not {
  does_not(does_not&&) noexcept;
};
struct may_throw {
  may_throw(may_throw&&) noexcept(false);
};

gp::source<does_not> f(does_not (*g)(int)) { return gp::from({1}) | gp::map(g); }
#ifdef MISUSE
gp::source<may_throw> f(may_throw (*g)(int)) { return gp::from({1}) | gp::map(g); }
#endif
