// SPDX-License-Identifier: BSL-1.0
// F11: subscription: a goroutine that fetches a feed, keeps what is new, hands it out and can be closed: all its state in
// one loop around a select. A case whose channel is nil is switched off.
#include <algorithm>
#include <deque>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

struct fetched {
  std::vector<std::string> items;
  goro::clock::time_point next;  // when to fetch again
  std::error_code error;
};

class subscription {
 public:
  explicit subscription(std::function<fetched()> fetch) { goro::go(loop, std::move(fetch), updates_, closing_); }

  goro::recv_chan<std::string> updates() const { return updates_; }

  /// Closes updates() and returns the last error. To be called once.
  std::error_code close() const {
    const auto answer = goro::make_chan<std::error_code>();
    closing_ << answer;
    return answer.recv().value();
  }

 private:
  static void loop(std::function<fetched()> fetch, goro::chan<std::string> updates,
                   goro::recv_chan<goro::chan<std::error_code>> closing) {
    goro::chan<fetched> fetch_done;  // not nil: a fetch is under way
    std::deque<std::string> pending;
    std::set<std::string> seen;
    goro::clock::time_point next;
    std::error_code error;
    for (;;) {
      goro::recv_chan<goro::clock::time_point> start_fetch;
      if (!fetch_done && pending.size() < 10) start_fetch = goro::after(next - goro::clock::now());
      goro::send_chan<std::string> out;
      if (!pending.empty()) out = updates;
      const std::string first = pending.empty() ? "" : pending.front();
      fetched result;
      goro::chan<std::error_code> answer;
      switch (goro::select(goro::recv(start_fetch), goro::recv(fetch_done, result), goro::send(out, first),
                           goro::recv(closing, answer))) {
        case 0:
          fetch_done = goro::make_chan<fetched>(1);  // so that it can leave when nobody waits for it any more
          goro::go([=] { fetch_done << fetch(); });
          break;
        case 1:
          fetch_done = {};
          next = result.next;
          error = result.error;
          std::ranges::copy_if(result.items, std::back_inserter(pending),
                               [&](auto& i) { return seen.insert(i).second; });
          break;
        case 2: pending.pop_front(); break;
        case 3: answer << error; return updates.close();
      }
    }
  }

  goro::chan<std::string> updates_ = goro::make_chan<std::string>();
  goro::chan<goro::chan<std::error_code>> closing_ = goro::make_chan<goro::chan<std::error_code>>();
};

/// Has one item more every time, and shows the older ones again.
std::function<fetched()> growing_feed() {
  return [items = std::make_shared<std::vector<std::string>>()] {
    items->push_back("item " + std::to_string(items->size()));
    return fetched{*items, goro::clock::now() + 1ms, std::make_error_code(std::errc::network_unreachable)};
  };
}

int main() {
  return goro::run([] {
    const subscription feed(growing_feed());
    for (int i = 0; i < 5; ++i) std::cout << feed.updates().recv().value() << '\n';
    std::cout << "closed: " << feed.close().message() << (feed.updates().recv() ? "" : ", no more updates") << '\n';

    const auto gate = goro::make_chan<void>();
    const subscription slow([=] { return gate.recv(), gate.recv(), fetched(); });
    gate.send();  // it fetches
    std::cout << "closed while it fetches: " << slow.close().message() << '\n';
    gate.close();

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
