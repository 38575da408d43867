// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "machine.hpp"
#include "rows.hpp"

inline constexpr std::string_view our_name = "goro";
inline constexpr std::string_view go_name = "Go";
inline constexpr std::string_view floor_name = "floor";  // what a row cannot do without

// Within a tenth of the floor is at it.
inline constexpr double at_floor_up_to = 1.1;

enum class verdict { met, at_floor, missed };

struct contender {
  std::string name;
  std::string version;
};

// What was asked of whom, where and when.
struct sitting {
  std::string command;
  std::string date;
  std::string machine;
  std::string load;
  std::vector<contender> programs;  // ours is the first
  int runs = 1;
  bool cpu_time = false;
};

// What one program made of a row.
struct samples {
  std::string program;
  std::vector<double> values;
  std::string unit;
  bool failed = false;

  [[nodiscard]] bool usable() const { return !failed && !values.empty(); }
  [[nodiscard]] double median() const;
  [[nodiscard]] double least() const;
  [[nodiscard]] double most() const;
};

struct outcome {
  const comparison* row = nullptr;
  int procs = 1;
  std::vector<samples> results;  // of the programs that have the row
  std::vector<double> probe;     // one cache-line round trip before each repetition, with more than one processor

  [[nodiscard]] const samples* of(std::string_view program) const;      // null if it has not got the row
  [[nodiscard]] const samples* usable(std::string_view program) const;  // null if it has no figure
  [[nodiscard]] bool failed() const;

  // In the row's unit; nothing if there is no budget for this many processors, or no figure of the program that it is
  // relative to.
  [[nodiscard]] std::optional<double> budget() const;
  [[nodiscard]] std::optional<verdict> judged() const;
};

// The programs, with their versions.
std::string contenders(const sitting& where);

std::string report_head(const sitting& where);
std::string table_head(const sitting& where);
std::string table_line(const sitting& where, const outcome& result);
std::string report_foot(std::span<const outcome> results, const cpu_use::shares& shares);
