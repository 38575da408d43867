// SPDX-License-Identifier: BSL-1.0
// F11: web search 1.0 to 3.0: one after another, all at once, not beyond a time limit, and from the fastest of several
// replicas. No locks, no condition variables, no callbacks.
#include <functional>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

using search = std::function<std::string(const std::string& query)>;

search fake_search(std::string kind, std::chrono::milliseconds takes) {
  return [=](const std::string& query) {
    goro::sleep(takes);
    return kind + " result for " + query;
  };
}

/// A server that does not answer while we look.
search stuck_search(std::string kind, goro::recv_chan<void> until) {
  return [=](const std::string& query) {
    until.recv();
    return kind + " result for " + query + ", far too late";
  };
}

std::vector<std::string> google_1_0(const std::string& query, const std::vector<search>& kinds) {
  std::vector<std::string> results;
  for (const search& s : kinds) results.push_back(s(query));
  return results;
}

/// The channel has room for all answers, so that whoever answers too late can leave as well.
goro::recv_chan<std::string> ask_all(const std::string& query, const std::vector<search>& servers) {
  auto c = goro::make_chan<std::string>(std::ssize(servers));
  for (const search& s : servers) goro::go([=] { c << s(query); });
  return c;
}

std::vector<std::string> google_2_0(const std::string& query, const std::vector<search>& kinds) {
  const auto c = ask_all(query, kinds);
  std::vector<std::string> results;
  while (results.size() < kinds.size()) results.push_back(c.recv().value());
  return results;
}

std::vector<std::string> google_2_1(const std::string& query, const std::vector<search>& kinds,
                                    std::chrono::milliseconds limit) {
  const auto c = ask_all(query, kinds);
  const auto timeout = goro::after(limit);
  std::vector<std::string> results;
  std::string result;
  while (results.size() < kinds.size()) {
    if (goro::select(goro::recv(c, result), goro::recv(timeout)) == 1) break;
    results.push_back(result);
  }
  return results;
}

/// Asks all replicas and takes the first answer. On an unbuffered channel the others would wait for ever.
search first(std::vector<search> replicas) {
  return [=](const std::string& query) { return ask_all(query, replicas).recv().value(); };
}

void show(const std::string& version, const std::vector<std::string>& results) {
  std::cout << version << '\n';
  for (const std::string& r : std::set<std::string>(results.begin(), results.end())) std::cout << "  " << r << '\n';
}

int main() {
  return goro::run([] {
    const auto end = goro::make_chan<void>();
    const search web = fake_search("web", 10ms), image = fake_search("image", 5ms), video = fake_search("video", 15ms);
    const search slow_web = stuck_search("web", end), slow_image = stuck_search("image", end),
                 slow_video = stuck_search("video", end);

    const auto begin = goro::clock::now();
    show("1.0", google_1_0("golang", {web, image, video}));
    std::cout << "  after the sum of the times: " << (goro::clock::now() - begin >= 30ms ? "yes" : "no") << '\n';
    show("2.0", google_2_0("golang", {web, image, video}));

    bool with_video = false;
    for (const std::string& r : google_2_1("golang", {web, image, slow_video}, 50ms))
      with_video = with_video || r.starts_with("video");
    std::cout << "2.1\n  without the slow server's: " << (with_video ? "no" : "yes") << '\n';

    show("3.0",
         google_2_1("golang", {first({web, slow_web}), first({slow_image, image}), first({slow_video, video})}, 1min));

    end.close();
    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
