// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include <goro/pipeline/source.hpp>

namespace goro::pipeline {

/// A longer line is refused, unless lines() is told otherwise: a file without any newline shall not fill the memory.
inline constexpr std::ptrdiff_t longest_line = std::ptrdiff_t{1} << 20;

/// The lines of a file, without their newlines. It is opened when the pipeline starts, and read in blocks of 64 KiB, where
/// that does not hold a processor. A read that the operating system takes long for (of a terminal, a pipe) is not interrupted.
///
/// Errors:    std::system_error with the path if it cannot be opened or read; with std::errc::value_too_large for a line
///            of more than `longest` bytes.
/// Panics:    a `longest` of less than 1.
[[nodiscard]] source<std::string> lines(std::string path, std::ptrdiff_t longest = longest_line);
/// The same of a stream, from where it is; nobody else may use it until the pipeline has ended.
/// Errors:    std::ios_base::failure if it has failed already, or is bad at the end.
[[nodiscard]] source<std::string> lines(std::istream& in, std::ptrdiff_t longest = longest_line);

}  // namespace goro::pipeline
