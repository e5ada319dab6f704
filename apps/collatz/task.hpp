// task.hpp - a map over vectors, with functions of C++ that may throw.
//
// SPDX-License-Identifier: BSD-3-Clause
//
// Pinfold is C: an exception must not pass through it. What a function throws on a worker becomes
// the item's failure, with its text, and is thrown again where the map was called.
#ifndef COLLATZ_TASK_HPP
#define COLLATZ_TASK_HPP

#include <pinfold.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <vector>

// The task that runs `function`: each is an instance of its own, with an address of its own, so
// that other processes find it like any function.
template <typename In, typename Out, Out (*function)(const In &)>
int task(pinfold_task *task) noexcept
{
    try {
        const In &in = *static_cast<const In *>(pinfold_task_arg(task).data);
        new (pinfold_task_out(task, sizeof(Out))) Out(function(in));
        return 0;
    } catch (const std::exception &e) {
        return pinfold_task_fail(task, 1, "%s", e.what());
    } catch (...) {
        return pinfold_task_fail(task, 1, "something was thrown that is no std::exception");
    }
}

// Throws std::runtime_error with the text of the failed item that comes first, or of the pool.
template <typename In, typename Out, Out (*function)(const In &)>
std::vector<Out> map(pinfold_pool *pool, const std::vector<In> &in)
{
    // Other processes get bytes.
    static_assert(std::is_trivially_copyable<In>::value, "inputs are copied as bytes");
    static_assert(std::is_trivially_copyable<Out>::value, "results are copied as bytes");
    pinfold_error err = PINFOLD_ERROR_INIT;
    std::vector<Out> out(in.size());

    if (pinfold_map(pool, task<In, Out, function>, nullptr, in.data(), sizeof(In), out.data(),
                    sizeof(Out), in.size(), &err) != 0)
        throw std::runtime_error(err.text);
    return out;
}

#endif
