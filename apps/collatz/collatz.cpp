// collatz: which number takes the most steps to 1, in C++11.
//
// SPDX-License-Identifier: BSD-3-Clause
//
// A step halves an even number, and makes 3 n + 1 of an odd one. A map over spans of numbers; what
// leaves 64 bits is thrown on the worker and arrives in main's own words.
#include <pinfold_main.h>

#include "task.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>

static const char usage[] =
    "Usage: collatz [OPTION]... FIRST LAST\n"
    "Prints which number from FIRST to LAST takes the most steps to 1, where a step halves\n"
    "an even number and makes 3 n + 1 of an odd one; of several the least.\n"
    "\n"
    "  --help       this text\n"
    "\n"
    "FIRST is 1 or more; there are 10000000000 numbers at most. Exit status: 0 it is known;\n"
    "1 one of them leaves 64 bits, or the output could not be written; 2 wrong usage; 3 the\n"
    "workers could not be used.\n"
    "\n";

namespace
{

constexpr std::uint64_t span_size = 1 << 14;
constexpr std::uint64_t numbers_max = 10000000000;

struct Span {
    std::uint64_t first, last;
};

struct Longest {
    std::uint64_t start, steps;
};

bool shorter(const Longest &a, const Longest &b)
{
    return a.steps != b.steps ? a.steps < b.steps : a.start > b.start;
}

std::uint64_t steps_from(std::uint64_t start)
{
    std::uint64_t steps = 0;

    for (std::uint64_t n = start; n != 1; steps++) {
        if (n % 2 == 0)
            n /= 2;
        else if (n <= (std::numeric_limits<std::uint64_t>::max() - 1) / 3)
            n = 3 * n + 1;
        else
            throw std::overflow_error(std::to_string(start) + " leaves 64 bits after " +
                                      std::to_string(steps) + " steps");
    }
    return steps;
}

Longest longest_in(const Span &span)
{
    Longest longest = {span.first, steps_from(span.first)};

    for (std::uint64_t n = span.first; n != span.last;) {
        n++;
        longest = std::max(longest, Longest{n, steps_from(n)}, shorter);
    }
    return longest;
}

std::vector<Span> cut(const Span &all)
{
    std::vector<Span> spans;

    for (std::uint64_t first = all.first;; first += span_size) {
        if (all.last - first < span_size) {
            spans.push_back({first, all.last});
            return spans;
        }
        spans.push_back({first, first + span_size - 1});
    }
}

int complain(const std::string &what, int status)
{
    std::fprintf(stderr, "collatz: %s\n", what.c_str());
    return status;
}

// Called from C, so nothing may leave it either.
int run(pinfold_pool *pool, void *data) noexcept
{
    try {
        const auto all = *static_cast<const Span *>(data);
        const auto found = map<Span, Longest, longest_in>(pool, cut(all));
        const auto longest = *std::max_element(found.begin(), found.end(), shorter);

        std::printf("%llu: %llu steps\n", static_cast<unsigned long long>(longest.start),
                    static_cast<unsigned long long>(longest.steps));
        if (std::fflush(stdout) != 0)
            return complain(std::string("standard output: ") + std::strerror(errno), 1);
        return 0;
    } catch (const std::exception &e) {
        return complain(e.what(), 1);
    }
}

// ---- The command line

// Prints, on the driver alone, what is wrong. Returns 2.
int wrong(const std::string &what)
{
    return pinfold_is_driver() ? complain(what + " (try --help)", 2) : 2;
}

bool read_number(const char *text, std::uint64_t &number)
{
    const std::string word = text;
    std::size_t end = 0;

    if (word.find_first_not_of("0123456789") != std::string::npos)
        return false;
    try {
        number = std::stoull(word, &end);
    } catch (const std::exception &) {
        return false;
    }
    return number > 0;
}

// Returns -1 to go on, else the status to end with.
int read_arguments(Span &all, pinfold_options &options, int argc, char **argv)
{
    pinfold_error err = PINFOLD_ERROR_INIT;
    std::vector<char *> words;

    if (pinfold_options_parse(&options, &argc, argv, &err) != 0)
        return wrong(err.text);
    for (char **word = argv + 1; word < argv + argc; word++) {
        if (std::strcmp(*word, "--help") == 0) {
            if (pinfold_is_driver())
                std::printf("%s%s", usage, pinfold_options_help());
            return 0;
        }
        if (**word == '-')
            return wrong(std::string("unknown option '") + *word + "'");
        words.push_back(*word);
    }
    if (words.size() != 2)
        return wrong("two numbers are wanted: FIRST LAST");
    if (!read_number(words[0], all.first))
        return wrong(std::string("FIRST is a number from 1 on, not ") + words[0]);
    if (!read_number(words[1], all.last) || all.last < all.first)
        return wrong(std::string("LAST is a number from FIRST on, not ") + words[1]);
    if (all.last - all.first >= numbers_max)
        return wrong("from FIRST to LAST there are more than 10000000000 numbers");
    return -1;
}

} // namespace

int main(int argc, char **argv)
{
    pinfold_options options = {};
    Span all = {};

    options.size = sizeof options;
    options.log = pinfold_log_stderr;
    const int status = read_arguments(all, options, argc, argv);
    if (status >= 0) // a launcher would end the driver for another rank's status
        return pinfold_is_driver() ? status : 0;
    return pinfold_drive(&options, run, &all);
}
