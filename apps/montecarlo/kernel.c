/* kernel.c - see kernel.h.
 *
 * The price is a geometric Brownian motion, so its logarithm takes normal steps, and there is no
 * error of discretisation. A path has the random stream of its own number: it is the same path
 * whoever walks it, and in whatever block.
 */
#include "kernel.h"
#include "exponential.h"

#include <pinfold_random.h>

static double paid(double average, double strike)
{
    return average > strike ? average - strike : 0;
}

static void walk(const struct model *model, uint64_t path, struct tally *tally)
{
    struct pinfold_random random;
    double growth = 0, growths = 0, prices = 0, steps = (double)model->steps;

    pinfold_random_start(&random, model->seed, path);
    for (uint64_t i = 0; i < model->steps; i++) {
        growth += model->drift + model->spread * pinfold_random_normal(&random);
        growths += growth;
        prices += exponential(growth);
    }
    double a = paid(model->spot * (prices / steps), model->strike);
    double g = paid(model->spot * exponential(growths / steps), model->strike);
    tally->a += a;
    tally->g += g;
    tally->aa += a * a;
    tally->ag += a * g;
    tally->gg += g * g;
}

int kernel_task(pinfold_task *task)
{
    const struct model *model = pinfold_task_shared(task).data;
    const struct block *block = pinfold_task_arg(task).data;
    struct tally *tally = pinfold_task_out(task, sizeof *tally); /* zeroed */

    for (uint64_t i = 0; i < block->count; i++)
        walk(model, block->first + i, tally);
    return 0;
}
