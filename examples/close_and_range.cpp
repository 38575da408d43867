// SPDX-License-Identifier: BSL-1.0
// F7: receiving until the channel is closed, by hand and with a range; length and capacity.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

void myfun(goro::chan<std::string> mychnl) {
  for (int v = 0; v < 4; ++v) mychnl << "GeeksforGeeks";
  mychnl.close();
}

void until_closed() {
  auto c = goro::make_chan<std::string>();
  goro::go(myfun, c);
  for (;;) {
    std::string res;
    bool ok = c >> res;
    if (!ok) {
      std::cout << "Channel Close  " << ok << '\n';
      break;
    }
    std::cout << "Channel Open  " << res << ' ' << ok << '\n';
  }
}

void range() {
  auto mychnl = goro::make_chan<std::string>();
  goro::go([=] {
    mychnl << "GFG"
           << "gfg"
           << "Geeks"
           << "GeeksforGeeks";
    mychnl.close();
  });
  for (const auto& res : mychnl) std::cout << res << '\n';
}

void length_and_capacity() {
  auto mychnl = goro::make_chan<std::string>(5);
  mychnl << "GFG"
         << "gfg"
         << "Geeks"
         << "GeeksforGeeks";
  std::cout << "Length of the channel is:  " << mychnl.len() << '\n';
  std::cout << "Capacity of the channel is:  " << mychnl.cap() << '\n';
}

int main() {
  std::cout << std::boolalpha;
  return goro::run([] {
    until_closed();
    range();
    length_and_capacity();
  });
}
