// SPDX-License-Identifier: BSL-1.0
#include <goro/context.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <typeinfo>
#include <vector>

#include "context/nodes.hpp"
#include "time/timers.hpp"

namespace goro {

using detail::ref;

namespace {

class errc_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "context"; }
  std::string message(int e) const override {
    switch (static_cast<context_errc>(e)) {
      case context_errc::canceled: return "context canceled";
      case context_errc::deadline_exceeded: return "context deadline exceeded";
    }
    return "no error of a context: " + std::to_string(e);
  }
  std::error_condition default_error_condition(int e) const noexcept override {
    switch (static_cast<context_errc>(e)) {
      case context_errc::canceled: return std::errc::operation_canceled;
      case context_errc::deadline_exceeded: return std::errc::timed_out;
    }
    return {e, *this};
  }
};

std::exception_ptr as_cause(std::error_code e) { return e ? std::make_exception_ptr(std::system_error(e)) : nullptr; }

const void* find_value(detail::context_node& from, const void* key) {
  for (detail::context_node* n = &from;;) {
    if (const void* const value = n->own_value(key)) return value;
    const context& above = n->parent();
    if (!above) return nullptr;
    n = &detail::context_node::of(above);
  }
}

class root_node final : public detail::context_node {
 public:
  explicit root_node(const char* name) : context_node(immortal{}), name_(name) {}
  std::string own_description() override { return name_; }

 private:
  const char* const name_;
};

class detached_node final : public detail::context_node {
 public:
  explicit detached_node(const context& above) : context_node(above) {}
  std::string own_description() override { return ".WithoutCancel"; }
};

/// A context of the user's own kind.
class foreign_node final : public detail::context_node {
 public:
  explicit foreign_node(std::shared_ptr<context_base> base) : base_(std::move(base)) {}
  recv_chan<void> done() override { return base_->done(); }
  std::error_code err() override { return base_->err(); }
  std::exception_ptr cause() override {
    if (const context inner = base_->inner())
      if (detail::cancel_node* const node = of(inner).canceller()) return node->cause();
    return as_cause(base_->err());
  }
  std::optional<clock::time_point> deadline() override { return base_->deadline(); }
  const void* own_value(const void* key) override {
    const context inner = base_->inner();
    return inner ? find_value(of(inner), key) : nullptr;
  }
  detail::cancel_node* canceller() override {
    const context inner = base_->inner();
    detail::cancel_node* const node = inner ? of(inner).canceller() : nullptr;
    return node != nullptr && node->done() == base_->done() ? node : nullptr;
  }
  context_base* foreign() override { return base_.get(); }
  std::string own_description() override {
    const context_base& own = *base_;
    const char* const mangled = typeid(own).name();
    char* const readable = abi::__cxa_demangle(mangled, nullptr, nullptr, nullptr);
    std::string name(readable != nullptr ? readable : mangled);
    std::free(readable);
    return name;
  }

 private:
  const std::shared_ptr<context_base> base_;
};

}  // namespace

std::error_code make_error_code(context_errc e) noexcept {
  static const errc_category category;
  return {static_cast<int>(e), category};
}

context::context(ref<detail::context_node> node) noexcept : node_(std::move(node)) {}

context::context(std::stop_token token)
    : context(token.stop_possible() ? context(ref<detail::context_node>(new detail::stop_token_node(std::move(token))))
                                    : background()) {}

context::context(std::shared_ptr<context_base> own)
    : node_(own != nullptr ? ref<detail::context_node>(new foreign_node(std::move(own)))
                           : ref<detail::context_node>()) {}

context context::background() {
  static root_node& root = *new root_node("context.Background");
  return context(ref<detail::context_node>(ref<root_node>::to(root)));
}

context context::todo() {
  static root_node& root = *new root_node("context.TODO");
  return context(ref<detail::context_node>(ref<root_node>::to(root)));
}

namespace {

/// The context of a new node, and the first of its handles, which shares one reference with the later ones.
template <class Cancel>
std::pair<context, Cancel> with_handle(detail::cancel_node* made) {
  made->retain_unshared();
  return {detail::context_node::wrap(ref<detail::context_node>(made)), Cancel(made)};
}

template <class Cancel>
std::pair<context, Cancel> make_cancellable(const context& parent) {
  detail::context_node::check_parent(parent);
  auto* const node = new detail::cancel_node(parent);
  auto result = with_handle<Cancel>(node);
  node->attach();
  return result;
}

}  // namespace

std::pair<context, cancel_func> context::with_cancel(const context& parent) {
  return make_cancellable<cancel_func>(parent);
}

std::pair<context, cancel_cause_func> context::with_cancel_cause(const context& parent) {
  return make_cancellable<cancel_cause_func>(parent);
}

std::pair<context, cancel_func> context::with_deadline_cause(const context& parent, clock::time_point when,
                                                             context_cause cause) {
  detail::context_node::check_parent(parent);
  if (const auto above = parent.deadline(); above && *above <= when) return with_cancel(parent);
  auto* const node = new detail::deadline_node(parent, when, cause.exception());
  auto result = with_handle<cancel_func>(node);
  node->attach();
  node->start_timer();
  return result;
}

context context::without_cancel(const context& parent) {
  detail::context_node::check_parent(parent);
  return context(ref<detail::context_node>(new detached_node(parent)));
}

stop_func context::after_owned_func(const context& ctx, detail::owned_function f) {
  ref<detail::after_func_node> node(new detail::after_func_node(ctx, std::move(f)));
  static_cast<void>(ctx.node());
  node->register_with_parent();
  return stop_func(std::move(node));
}

clock::time_point context::from_now(std::chrono::nanoseconds d) noexcept {
  const clock::time_point now = clock::now();
  return d.count() > 0 && clock::time_point::max() - now < d ? clock::time_point::max() : now + d;
}

detail::context_node& context::node() const {
  if (!node_)
    detail::throw_panic("runtime error: invalid memory address or nil pointer dereference (a nil goro::context)");
  return *node_;
}

recv_chan<void> context::done() const { return node().done(); }
std::error_code context::err() const { return node().err(); }
std::exception_ptr context::cause() const { return node().cause(); }
std::optional<clock::time_point> context::deadline() const { return node().deadline(); }
const void* context::find_value(const void* key) const { return goro::find_value(node(), key); }
std::string context::describe() const {
  if (!node_) return "<nil>";
  std::vector<detail::context_node*> path;
  for (const context* at = this; *at; at = &at->node_->parent()) path.push_back(at->node_.get());
  std::string text;
  for (auto n = path.rbegin(); n != path.rend(); ++n) text += (*n)->own_description();
  return text;
}

context::operator std::stop_token() const {
  if (detail::cancel_node* const above = node().canceller()) return above->token();
  if (node().foreign() == nullptr) return {};
  std::stop_source source;
  after_func(*this, [source]() mutable { source.request_stop(); });
  return source.get_token();
}

stop_func::stop_func() noexcept = default;
stop_func::stop_func(ref<detail::after_func_node> node) : node_(std::move(node)) {}
stop_func::stop_func(const stop_func&) noexcept = default;
stop_func::stop_func(stop_func&&) noexcept = default;
stop_func& stop_func::operator=(stop_func other) noexcept {
  std::swap(node_, other.node_);
  return *this;
}
stop_func::~stop_func() = default;
bool stop_func::operator()() const { return node_ && node_->stop(); }

namespace detail {

void throw_nil_key() { throw_panic("nil key"); }

/// Frees this one, and then those above it that were only kept by it, one after the other.
void context_node::dispose() noexcept {
  for (context_node* last = this; last != nullptr;) {
    context_node* const above = last->parent_.node_.detach();
    delete last;
    last = above != nullptr && above->drop_reference() ? above : nullptr;
  }
}

void context_node::check_parent(const context& parent) {
  if (!parent) throw_panic("cannot create context from nil parent");
}

cancel_handle::cancel_handle(const cancel_handle& other) noexcept : node_(other.node_) {
  if (node_ != nullptr) node_->retain_handle();
}

cancel_handle::~cancel_handle() {
  if (node_ != nullptr) node_->release_handle();
}

void cancel_handle::cancel(context_cause cause) const {
  if (node_ == nullptr)
    throw_panic("runtime error: invalid memory address or nil pointer dereference (an empty cancel function)");
  node_->cancel(context_errc::canceled, cause.exception());
}

recv_chan<void> cancel_node::done() {
  if (!has_channel_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mu_);
    if (!has_channel_.load(std::memory_order_relaxed)) {
      done_ = make_chan<void>();
      if (is_done()) done_.close();
      has_channel_.store(true, std::memory_order_release);
    }
  }
  return done_;
}

std::error_code cancel_node::err() {
  const std::uint8_t e = err_.load(std::memory_order_acquire);
  return e == 0 ? std::error_code() : make_error_code(static_cast<context_errc>(e));
}

std::exception_ptr cancel_node::cause() {
  if (!is_done()) return nullptr;
  return cause_ != nullptr ? cause_ : as_cause(err());
}

std::stop_token cancel_node::token() {
  const std::lock_guard lock(mu_);
  if (is_done()) {
    std::stop_source stopped;
    stopped.request_stop();
    return stopped.get_token();
  }
  if (!stop_source_) stop_source_.emplace();
  has_followers_.store(true, std::memory_order_relaxed);
  return stop_source_->get_token();
}

deadline_node::expiry::expiry(deadline_node& n)
    : runtime::timer([](runtime::timer* t, std::int64_t, runtime::goroutine_list& woken) {
        deadline_node& late = static_cast<expiry*>(t)->node;
        late.retain();
        woken.push_back(runtime::new_call(
            [](void* argument) {
              const ref<deadline_node> expired(static_cast<deadline_node*>(argument));
              expired->expire();
            },
            &late));
        t->heap.store(nullptr, std::memory_order_release);
      }),
      node(n) {}

void deadline_node::start_timer() {
  if (is_done()) return;
  const clock::time_point now = clock::now();
  if (when_ <= now) {
    expire();
    return;
  }
  const runtime::runtime_call call;
  runtime::start_timer(call, timer_, std::min<std::int64_t>(when_.time_since_epoch().count(), runtime::never - 1));
  if (is_done()) runtime::timer_heap::remove(call, timer_);  // after_done() may have come before
}

void deadline_node::after_done() {
  const runtime::runtime_call call;
  runtime::timer_heap::remove(call, timer_);
}

std::string deadline_node::own_description() {
  using seconds = std::chrono::duration<double>;
  char left[48];
  std::snprintf(left, sizeof left, ".WithDeadline(in %.6gs)",
                seconds(when_.time_since_epoch()).count() - seconds(clock::now().time_since_epoch()).count());
  return left;
}

void after_func_node::register_with_parent() {
  registered_ = true;
  retain();
  if (attach()) return;
  registered_ = false;  // nothing will ever end it
  release();
}

bool after_func_node::stop() {
  if (!cancel_silently()) return false;
  f_ = {};
  if (registered_) release();
  return true;
}

void after_func_node::after_done() {
  goro::go([f = std::move(f_)]() mutable { f(); });
  release();
}

}  // namespace detail
}  // namespace goro
