#include "src/cli/run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/test.h"

static void wait_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&t, NULL);
}

/* Make standard error a terminal; returns the side on which its output is read. */
static int terminal(void)
{
    char name[64];
    int reader = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    CHECK(reader >= 0 && grantpt(reader) == 0 && unlockpt(reader) == 0);
    CHECK(ptsname_r(reader, name, sizeof name) == 0);
    int writer = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(writer >= 0 && dup2(writer, STDERR_FILENO) == STDERR_FILENO);
    (void)close(writer);
    return reader;
}

static size_t read_waiting(int reader, char *out, size_t size)
{
    struct pollfd p = {.fd = reader, .events = POLLIN};
    size_t used = 0;

    while (used + 1 < size && poll(&p, 1, 0) > 0) {
        ssize_t n = read(reader, out + used, size - used - 1);
        CHECK(n > 0);
        used += (size_t)n;
    }
    out[used] = '\0';
    return used;
}

TEST(bar_comes_after_a_second_and_is_wiped)
{
    char shown[4096];
    struct progress p;
    int reader = terminal();

    progress_start(&p, "verify");
    atomic_store(&p.total, 1000);
    for (int i = 0; i < 500; i++)
        atomic_fetch_add(&p.done, 1);
    wait_ms(500);
    CHECK(read_waiting(reader, shown, sizeof shown) == 0);
    wait_ms(900);
    CHECK(read_waiting(reader, shown, sizeof shown) > 0);
    CHECK(strstr(shown, "\r\033[Kverify  50 %") != NULL);
    progress_stop(&p);
    size_t used = read_waiting(reader, shown, sizeof shown);
    CHECK(used >= 4 && strcmp(shown + used - 4, "\r\033[K") == 0);
    (void)close(reader);
}

TEST(short_run_shows_nothing)
{
    char shown[64];
    struct progress p;
    int reader = terminal();

    progress_start(&p, "verify");
    progress_stop(&p);
    CHECK(read_waiting(reader, shown, sizeof shown) == 0);
    (void)close(reader);
}

TEST(no_bar_without_a_terminal)
{
    struct progress p;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    CHECK(dup2(null, STDERR_FILENO) == STDERR_FILENO);
    progress_start(&p, "verify");
    CHECK(!p.is_running);
    progress_stop(&p);
    (void)close(null);
}

TEST(signal_sets_the_flag_once)
{
    struct sigaction now;

    run_catch_signals();
    CHECK(!atomic_load(&run_cancel));
    CHECK(raise(SIGTERM) == 0);
    CHECK(atomic_load(&run_cancel));
    CHECK(sigaction(SIGTERM, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
    CHECK(sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_IGN);
}

TEST(ignored_signal_stays_ignored)
{
    struct sigaction now;
    struct sigaction ignore;

    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    CHECK(sigaction(SIGHUP, &ignore, NULL) == 0);
    run_catch_signals();
    CHECK(sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN);
}
