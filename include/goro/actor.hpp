// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <goro/detail/mailbox.hpp>
#include <goro/detail/owned.hpp>
#include <goro/future.hpp>
#include <goro/go.hpp>

namespace goro {

/// What becomes of an actor when a function that ran on its state has thrown.
enum class supervision {
  stop,     ///< It is not asked again: what has been sent is refused, as what comes later.
  restart,  ///< It goes on with a state made anew.
};

struct actor_options {
  std::size_t mailbox = 64;  ///< How many functions may wait for their turn; at least 1.
  supervision on_exception = supervision::stop;
  /// Called by the actor's goroutine with each exception, before the one who asked gets it: for logs.
  std::function<void(const std::exception_ptr&)> failed{};
};

struct actor_stats {
  std::uint64_t handled = 0;  ///< Functions that returned,
  std::uint64_t failed = 0;  ///< or threw,
  std::uint64_t dropped = 0;  ///< or were never called because the actor had stopped.
  std::uint64_t restarts = 0;
  std::size_t waiting = 0;  ///< In the mailbox now.
};

/// What ask() throws when the actor has stopped.
class actor_stopped : public std::runtime_error {
 public:
  actor_stopped() : std::runtime_error("goro::actor: it has stopped, and answers nobody") {}
};

/// The stateful goroutine: one goroutine owns a value, others have functions run on it, one after the other in the order
/// in which they came. No lock, and no data race.
///
///   goro::actor<std::map<std::string, int>> hits;
///   hits.tell([](auto& map) { ++map["/"]; });
///   int n = hits.ask([](auto& map) { return map["/"]; });
///
/// Blocks:    ask() until its function has ended; ask() and tell() while the mailbox is full. stop() and the destructor
///            until the functions that were sent have ended.
/// Errors:    ask() rethrows what its function threw, and throws actor_stopped. An exception of any function is a failure
///            of the actor: see supervision. A goro::panic is a bug, not an error: it ends the process.
/// Panics:    a mailbox of 0; ask() from the actor's own goroutine, which would wait for itself.
/// Ordering:  functions of one sender run in the order in which it sent them.
/// Lifetime:  not movable. What functions capture must live until they have run.
template <class State>
class actor {
 public:
  /// The state begins, and begins again, as State().
  explicit actor(actor_options options = {})
    requires std::default_initializable<State>
      : actor([] { return State(); }, std::move(options)) {}
  /// The state begins, and begins again, as what make() returns. make() is called by the actor's goroutine; what it
  /// throws stops the actor.
  template <class Make>
    requires std::is_invocable_r_v<State, Make&>
  explicit actor(Make make, actor_options options = {})
      : options_(std::move(options)), mailbox_(checked(options_.mailbox)) {
    ended_ = detail::ref<detail::completion>(new detail::completion);
    goro::go([this, make = std::move(make)]() mutable { live(make); });
  }
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;
  ~actor() { stop(); }

  /// Has f(state) called, and returns what it returns.
  template <class F>
    requires std::invocable<F&, State&>
  auto ask(F&& f) {
    using result = std::invoke_result_t<F&, State&>;
    static_assert(!std::is_reference_v<result>, "goro::actor: the answer must not refer to the state: return a copy");
    if (is_own_goroutine())
      detail::throw_panic(
          "goro::actor: ask() from the actor's own goroutine would wait for itself: use the state there");
    const detail::ref<detail::future_state<result>> answer(new detail::future_state<result>);
    message m = question<result, std::remove_reference_t<F>>(this, answer, &f);
    if (!mailbox_.put(m)) throw actor_stopped();
    return future<result>(answer).get();
  }

  /// Has f(state) called some time. False: the actor has stopped. From the actor's own goroutine it does not wait: nobody
  /// else could make room.
  template <class F>
    requires std::invocable<std::decay_t<F>&, State&>
  bool tell(F&& f) {
    message m = order(std::forward<F>(f));
    return is_own_goroutine() ? mailbox_.put_beyond_capacity(m) : mailbox_.put(m);
  }
  /// The same without waiting. False: the mailbox is full, or the actor has stopped.
  template <class F>
    requires std::invocable<std::decay_t<F>&, State&>
  [[nodiscard]] bool try_tell(F&& f) {
    message m = order(std::forward<F>(f));
    return mailbox_.try_put(m);
  }

  /// Takes no more functions, and waits for those that were sent.
  void stop() {
    mailbox_.close();
    if (!is_own_goroutine()) ended_->wait();
  }

  [[nodiscard]] actor_stats stats() const {
    return {handled_.load(), failed_.load(), dropped_.load(), restarts_.load(), mailbox_.size()};
  }

 private:
  using message = detail::owned_function;
  static constexpr std::uint64_t nobody = ~std::uint64_t{0};

  [[nodiscard]] bool is_own_goroutine() const noexcept { return goid() == goroutine_.load(std::memory_order_relaxed); }

  static std::size_t checked(std::size_t mailbox) {
    if (mailbox == 0) detail::throw_panic("goro::actor: a mailbox of 0 takes nothing; it must have room for 1 or more");
    return mailbox;
  }

  /// A function whose sender waits: answered in any case, also if it is thrown away.
  template <class Result, class F>
  class question {
   public:
    question(actor* self, detail::ref<detail::future_state<Result>> answer, F* f) noexcept
        : self_(self), answer_(std::move(answer)), f_(f) {}
    question(question&&) noexcept = default;
    question& operator=(question&&) = delete;
    ~question() {
      if (!answer_ || self_->dying_) return;
      if (executed_) {
        answer_->finish_unless_panicking();
      } else {
        answer_->fail(std::make_exception_ptr(actor_stopped()));
      }
    }
    void operator()() {
      executed_ = true;
      answer_->execute([this]() -> Result { return (*f_)(*self_->state_); });
      self_->thrown_ = answer_->thrown();
    }

   private:
    actor* self_;
    detail::ref<detail::future_state<Result>> answer_;
    F* f_;
    bool executed_ = false;
  };

  template <class F>
  message order(F&& f) {
    return [this, f = std::decay_t<F>(std::forward<F>(f))]() mutable {
      try {
        static_cast<void>(f(*state_));
      } catch (...) {
        thrown_ = detail::caught_error();
      }
    };
  }

  template <class Make>
  void live(Make& make) {
    const struct ender {
      actor& self;
      ~ender() { self.end(); }
    } end_at_end{*this};
    goroutine_ = goid();
    if (!begin(make)) return;
    while (std::optional<message> m = mailbox_.take()) {
      try {
        (*m)();
      } catch (const panic&) {
        dying_ = true;
        throw;
      }
      if (thrown_ == nullptr) {
        ++handled_;
        continue;
      }
      ++failed_;
      report();
      m.reset();  // now who asked gets the exception
      if (options_.on_exception == supervision::stop) return;
      ++restarts_;
      if (!begin(make)) return;
    }
  }

  template <class Make>
  bool begin(Make& make) {
    try {
      state_.reset();
      state_.emplace(make());
    } catch (const panic&) {
      dying_ = true;
      throw;
    } catch (...) {
      thrown_ = detail::caught_error();
      report();
      return false;
    }
    return true;
  }
  void report() {
    const std::exception_ptr thrown = std::exchange(thrown_, nullptr);
    if (options_.failed) options_.failed(thrown);
  }
  /// Also after goexit().
  void end() {
    if (dying_) return;  // nobody goes on while the process does
    {
      const auto rest = mailbox_.close_and_take_all();
      dropped_ += rest.size();
    }
    state_.reset();
    goroutine_ = nobody;
    const detail::ref<detail::completion> ended = ended_;  // *this may be gone as soon as it is finished
    ended->finish();
  }

  const actor_options options_;
  detail::mailbox<message> mailbox_;
  std::optional<State> state_;  // the goroutine's own, as the next
  std::exception_ptr thrown_;  // by the function that has just run
  bool dying_ = false;  // by a panic
  std::atomic<std::uint64_t> goroutine_{nobody};  // its id while it runs
  std::atomic<std::uint64_t> handled_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> restarts_{0};
  detail::ref<detail::completion> ended_;
};

}  // namespace goro
