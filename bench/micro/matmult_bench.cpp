// SPDX-License-Identifier: BSL-1.0
#include <cmath>
#include <vector>

#include <goro/chan.hpp>

#include "harness.hpp"

namespace {

using matrix = std::vector<std::vector<double>>;

matrix make_matrix(int n) {
  matrix m(static_cast<std::size_t>(n), std::vector<double>(static_cast<std::size_t>(n)));
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) m[i][j] = i * n + j;
  }
  return m;
}

struct range {
  int from, to;
  [[nodiscard]] int size() const { return to - from; }
  [[nodiscard]] int middle() const { return from + size() / 2; }
  [[nodiscard]] range low() const { return {from, middle()}; }
  [[nodiscard]] range high() const { return {middle(), to}; }
};

struct product {
  const matrix& a;
  const matrix& b;
  matrix& c;

  static constexpr int threshold = 8;

  // Halves the longest side until it is short: rows and columns with a goroutine for one half, the inner dimension in
  // sequence, because both halves add to the same elements.
  void add(range i, range j, range k) const {
    if (i.size() >= j.size() && i.size() >= k.size() && i.size() >= threshold) {
      beside([=, this] { add(i.low(), j, k); }, [=, this] { add(i.high(), j, k); });
    } else if (j.size() >= k.size() && j.size() >= threshold) {
      beside([=, this] { add(i, j.low(), k); }, [=, this] { add(i, j.high(), k); });
    } else if (k.size() >= threshold) {
      add(i, j, k.low());
      add(i, j, k.high());
    } else {
      add_directly(i, j, k);
    }
  }

 private:
  template <class F, class G>
  static void beside(F one, G other) {
    const auto done = goro::make_chan<void>(1);
    goro::go([=] {
      one();
      done.send();
    });
    other();
    done.recv();
  }

  void add_directly(range i, range j, range k) const {
    for (int y = i.from; y < i.to; ++y) {
      for (int x = j.from; x < j.to; ++x) {
        for (int z = k.from; z < k.to; ++z) c[y][x] += a[y][z] * b[z][x];
      }
    }
  }
};

// The work is cubic in the size, and an iteration is one multiplication of two elements.
void BM_Matmult(benchmark::State& state) {
  const int n = static_cast<int>(std::cbrt(static_cast<double>(state.max_iterations))) + 1;
  const matrix a = make_matrix(n);
  const matrix b = make_matrix(n);
  matrix c = make_matrix(n);
  run_all(state, [&](count) { product{a, b, c}.add({0, n}, {0, n}, {0, n}); });
}
BENCHMARK(BM_Matmult)->Apply(on_one_and_two_processors);

}  // namespace
