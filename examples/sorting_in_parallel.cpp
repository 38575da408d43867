// SPDX-License-Identifier: BSL-1.0
// S1: sorting in parallel: by hand, with a goroutine for one half; and with what goro has.
#include <algorithm>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <goro/goro.hpp>
#include <goro/parallel.hpp>

/// Merge sort. Small parts are not worth a goroutine.
template <class Iterator>
void merge_sort(Iterator first, Iterator last) {
  if (last - first < 4096) return std::sort(first, last);
  const Iterator middle = first + (last - first) / 2;
  goro::wait_group half;
  half.go([=] { merge_sort(first, middle); });
  merge_sort(middle, last);
  half.wait();
  std::inplace_merge(first, middle, last);
}

struct person {
  std::string name;
  int age;
};

void print(const char* what, const std::vector<person>& people) {
  std::cout << what << ':';
  for (const person& p : people) std::cout << ' ' << p.name << ' ' << p.age;
  std::cout << '\n';
}

int main() {
  return goro::run([] {
    std::vector<int> numbers(50'000);
    std::generate(numbers.begin(), numbers.end(), std::minstd_rand(1));
    auto expected = numbers, merged = numbers;
    std::sort(expected.begin(), expected.end());

    merge_sort(merged.begin(), merged.end());
    std::cout << "merged as std::sort does: " << (merged == expected ? "yes" : "no") << '\n';
    goro::parallel_sort(numbers.begin(), numbers.end());
    std::cout << "sorted as std::sort does: " << (numbers == expected ? "yes" : "no") << '\n';
    goro::parallel_sort(numbers.begin(), numbers.end(), std::greater<>());
    std::cout << "the largest first: " << (std::ranges::is_sorted(numbers, std::greater<>()) ? "yes" : "no") << '\n';

    std::vector<person> people{{"Ann", 30}, {"Joe", 25}, {"Eve", 35}, {"Bob", 25}, {"Dan", 30}};
    goro::parallel_sort(people.begin(), people.end(), [](auto& a, auto& b) { return a.name < b.name; });
    print("by name", people);
    goro::parallel_stable_sort(people.begin(), people.end(), [](auto& a, auto& b) { return a.age < b.age; });
    print("by age, then name", people);
  });
}
