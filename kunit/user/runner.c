// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs KUnit suites in user space.
 *
 * Each suite runs in a process of its own.  If a test kills it (a sanitizer's
 * report, a signal, a time-out) that test has failed, and another process goes
 * on with the next one.  The output is KTAP, as the kernel's; every test, and
 * every parameter of a parameterised one, counts once.
 */
#include <kunit/test.h>
#include <fnmatch.h>
#include <getopt.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_SUITES	64
#define TIMEOUT_S	120

struct counts {
	unsigned int pass, fail, skip;
};

/* Shared by the processes of a suite: where it is, and what came out so far. */
struct progress {
	bool running;			/* a test is: the next two say which */
	unsigned int case_nr;		/* index in test_cases */
	int param;			/* number of the parameter, from 1; 0: none */
	char desc[KUNIT_PARAM_DESC_SIZE];
	bool case_open;			/* header of a parameterised case is out */
	bool done;
	struct counts suite, kase;
};

struct kunit_user_resource {
	struct kunit_user_resource *next;
	kunit_action_t *action;
	void *ctx;
};

static struct kunit_suite *suites[MAX_SUITES];
static size_t nr_suites;
static struct progress *progress;
static struct kunit *current_test;
static sigjmp_buf abort_env;

static const char *filter;
static bool quiet, list, stop_at_first;

void kunit_user_register(struct kunit_suite **array, size_t nr)
{
	size_t i;

	for (i = 0; i < nr && nr_suites < MAX_SUITES; i++)
		suites[nr_suites++] = array[i];
}

/* ---- what tests call ---- */

struct kunit *kunit_get_current_test(void)
{
	return current_test;
}

static void vmessage(const char *indent, const char *fmt, va_list args)
{
	char buf[2048], *line, *rest = buf;

	vsnprintf(buf, sizeof(buf), fmt, args);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			printf("%s%s\n", indent, line);
}

void kunit_user_print(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	if (quiet)
		return;
	printf("    # %s:\n", test->name);
	va_start(args, fmt);
	vmessage("    #   ", fmt, args);
	va_end(args);
}

static void vfail(struct kunit *test, const char *file, int line, const char *fmt, va_list args)
{
	const char *param = test->param_value ? progress->desc : "";

	test->status = KUNIT_FAILURE;
	printf("    # %s%s%s: failed at %s:%d\n", test->name, *param ? " " : "", param, file, line);
	vmessage("    #   ", fmt, args);
}

void kunit_user_fail(struct kunit *test, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfail(test, file, line, fmt, args);
	va_end(args);
}

void kunit_user_fail_current(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (!current_test)
		return;
	va_start(args, fmt);
	vfail(current_test, file, line, fmt, args);
	va_end(args);
}

void kunit_user_abort(struct kunit *test)
{
	(void)test;
	siglongjmp(abort_env, 1);
}

const void *kunit_array_gen_params(struct kunit *test, const void *prev, char *desc)
{
	const struct kunit_params *p = &test->params_array;
	const void *param;

	(void)prev;
	if ((size_t)test->param_index >= p->num_params)
		return NULL;
	param = (const char *)p->params + (size_t)test->param_index * p->elem_size;
	if (p->get_description)
		p->get_description(test, param, desc);
	return param;
}

int kunit_add_action(struct kunit *test, kunit_action_t *action, void *ctx)
{
	struct kunit_user_resource *res = malloc(sizeof(*res));

	if (!res)
		return -ENOMEM;
	*res = (struct kunit_user_resource){ test->resources, action, ctx };
	test->resources = res;
	return 0;
}

int kunit_add_action_or_reset(struct kunit *test, kunit_action_t *action, void *ctx)
{
	int ret = kunit_add_action(test, action, ctx);

	if (ret)
		action(ctx);
	return ret;
}

static bool remove_action(struct kunit *test, kunit_action_t *action, const void *ctx)
{
	struct kunit_user_resource **p, *res;

	for (p = &test->resources; (res = *p); p = &res->next) {
		if (res->action == action && res->ctx == ctx) {
			*p = res->next;
			free(res);
			return true;
		}
	}
	return false;
}

void kunit_remove_action(struct kunit *test, kunit_action_t *action, void *ctx)
{
	remove_action(test, action, ctx);
}

void kunit_release_action(struct kunit *test, kunit_action_t *action, void *ctx)
{
	if (remove_action(test, action, ctx))
		action(ctx);
}

void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	void *ptr;

	if (size && n > SIZE_MAX / size)
		return NULL;
	ptr = malloc(n * size);
	if (ptr)
		memset(ptr, gfp & __GFP_ZERO ? 0 : 0xa5, n * size);
	if (ptr && kunit_add_action(test, free, ptr)) {
		free(ptr);
		return NULL;
	}
	return ptr;
}

void kunit_kfree(struct kunit *test, const void *ptr)
{
	if (ptr && remove_action(test, free, ptr))
		free((void *)ptr);
}

/* ---- what each case has run, for coverage.py ---- */

#ifdef KUNIT_USER_COVERAGE
#include <gcov.h>

static void coverage_begin(void)
{
	__gcov_reset();
}

/* libgcov puts GCOV_PREFIX in front of the names of what it writes. */
static void coverage_end(const struct kunit_suite *suite, const struct kunit_case *kase)
{
	const char *dir = getenv("KUNIT_COVERAGE");
	char prefix[512];

	if (!dir)
		return;
	snprintf(prefix, sizeof(prefix), "%s/%s.%s", dir, suite->name, kase->name);
	setenv("GCOV_PREFIX", prefix, 1);
	__gcov_dump();
	__gcov_reset();
	snprintf(prefix, sizeof(prefix), "%s/none", dir);
	setenv("GCOV_PREFIX", prefix, 1);
}
#else
static void coverage_begin(void) {}
static void coverage_end(const struct kunit_suite *suite, const struct kunit_case *kase) {}
#endif

/* ---- running ---- */

static bool case_matches(const struct kunit_suite *suite, const struct kunit_case *kase)
{
	char pattern[512];
	char *dot;

	if (!filter)
		return true;
	snprintf(pattern, sizeof(pattern), "%s", filter);
	dot = strchr(pattern, '.');
	if (dot)
		*dot++ = '\0';
	return !fnmatch(pattern, suite->name, 0) && (!dot || !fnmatch(dot, kase->name, 0));
}

static unsigned int count_cases(const struct kunit_suite *suite, unsigned int end)
{
	unsigned int i, nr = 0;

	for (i = 0; suite->test_cases[i].run_case && i < end; i++)
		nr += case_matches(suite, &suite->test_cases[i]);
	return nr;
}

static void count(struct counts *c, enum kunit_status status)
{
	c->pass += status == KUNIT_SUCCESS;
	c->fail += status == KUNIT_FAILURE;
	c->skip += status == KUNIT_SKIPPED;
}

static void print_result(const char *indent, enum kunit_status status, unsigned int nr,
			 const char *name, const char *comment)
{
	bool skip = status == KUNIT_SKIPPED;

	if (quiet && status != KUNIT_FAILURE)
		return;
	printf("%s%s %u %s%s%s\n", indent, status == KUNIT_FAILURE ? "not ok" : "ok", nr, name,
	       skip ? " # SKIP " : *comment ? " # " : "", comment);
}

static void cleanup(struct kunit *test)
{
	while (test->resources) {
		struct kunit_user_resource *res = test->resources;

		test->resources = res->next;
		res->action(res->ctx);
		free(res);
	}
}

static void run_guarded(struct kunit_suite *suite, const struct kunit_case *kase,
			struct kunit *test)
{
	if (sigsetjmp(abort_env, 0))
		return;
	if (suite->init) {
		int ret = suite->init(test);

		if (ret) {
			kunit_user_fail(test, __FILE__, __LINE__, "init failed: %d", ret);
			return;
		}
	}
	kase->run_case(test);
}

static void exit_guarded(struct kunit_suite *suite, struct kunit *test)
{
	if (sigsetjmp(abort_env, 0)) {
		kunit_user_fail(test, __FILE__, __LINE__, "clean-up aborted");
		return;
	}
	if (suite->exit)
		suite->exit(test);
	cleanup(test);
}

/* Run one test, or one parameter of it, and count and print what comes out. */
static void run_one(struct kunit_suite *suite, struct kunit_case *kase, struct kunit *test)
{
	unsigned int slow = kase->attr.speed == KUNIT_SPEED_SLOW ? 3 :
			    kase->attr.speed == KUNIT_SPEED_VERY_SLOW ? 12 : 1;

	progress->param = test->param_index;
	progress->running = true;
	fflush(stdout);
	alarm(TIMEOUT_S * slow);
	current_test = test;
	run_guarded(suite, kase, test);
	exit_guarded(suite, test);
	current_test = NULL;
	alarm(0);
	progress->running = false;
	count(&progress->suite, test->status);
	count(&progress->kase, test->status);
	if (stop_at_first && test->status == KUNIT_FAILURE) {
		fflush(stdout);
		_exit(0);
	}
}

static void run_params(struct kunit_suite *suite, struct kunit_case *kase, int skip)
{
	struct kunit parent = { .name = kase->name };
	const void *param;

	if (kase->param_init && kase->param_init(&parent)) {
		printf("        # param_init failed\n");
		count(&progress->suite, KUNIT_FAILURE);
		count(&progress->kase, KUNIT_FAILURE);
		return;
	}
	if (!progress->case_open && !quiet)
		printf("        KTAP version 1\n        # Subtest: %s\n", kase->name);
	progress->case_open = true;
	progress->desc[0] = '\0';
	param = kase->generate_params(&parent, NULL, progress->desc);
	while (param) {
		struct kunit test = {
			.name = kase->name, .parent = &parent, .param_value = param,
			.param_index = ++parent.param_index,
		};

		if (!progress->desc[0])
			snprintf(progress->desc, sizeof(progress->desc), "param-%d",
				 test.param_index);
		if (test.param_index > skip) {
			run_one(suite, kase, &test);
			print_result("        ", test.status, (unsigned int)test.param_index,
				     progress->desc, test.status_comment);
		}
		progress->desc[0] = '\0';
		param = kase->generate_params(&parent, param, progress->desc);
	}
	if (kase->param_exit)
		kase->param_exit(&parent);
	cleanup(&parent);
}

static enum kunit_status case_status(const struct counts *c)
{
	if (c->fail)
		return KUNIT_FAILURE;
	return c->pass ? KUNIT_SUCCESS : KUNIT_SKIPPED;
}

static void end_case(struct kunit_suite *suite, unsigned int nr, const char *comment)
{
	struct kunit_case *kase = &suite->test_cases[nr];

	if (kase->generate_params && !quiet)
		printf("    # %s: pass:%u fail:%u skip:%u total:%u\n", kase->name,
		       progress->kase.pass, progress->kase.fail, progress->kase.skip,
		       progress->kase.pass + progress->kase.fail + progress->kase.skip);
	print_result("    ", case_status(&progress->kase), count_cases(suite, nr + 1),
		     kase->name, comment);
	progress->kase = (struct counts){ 0 };
	progress->case_open = false;
	progress->case_nr = nr + 1;
	progress->param = 0;
}

/* The child: from where progress says to the end. */
static void run_cases(struct kunit_suite *suite)
{
	unsigned int i;

	for (i = progress->case_nr; suite->test_cases[i].run_case; i++) {
		struct kunit_case *kase = &suite->test_cases[i];
		struct kunit test = { .name = kase->name };

		if (!case_matches(suite, kase))
			continue;
		progress->case_nr = i;
		coverage_begin();
		if (kase->generate_params)
			run_params(suite, kase, progress->param);
		else
			run_one(suite, kase, &test);
		coverage_end(suite, kase);
		end_case(suite, i, test.status_comment);
	}
	if (suite->suite_exit)
		suite->suite_exit(suite);
	progress->done = true;
}

static void child(struct kunit_suite *suite)
{
	dup2(STDOUT_FILENO, STDERR_FILENO);
	if (suite->suite_init && suite->suite_init(suite)) {
		printf("    # suite_init failed\n");
		fflush(stdout);
		_exit(1);
	}
	run_cases(suite);
	exit(0);
}

/* A child has died: say so, and make progress point behind the test.  Return: go on? */
static bool died(struct kunit_suite *suite, int status)
{
	char why[64];

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(why, sizeof(why), "timed out");
	else if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "killed by signal %d", WTERMSIG(status));
	else
		snprintf(why, sizeof(why), "died with status %d", WEXITSTATUS(status));
	count(&progress->suite, KUNIT_FAILURE);
	if (progress->done || !progress->running) {
		printf("    not ok - %s %s outside of its tests (leak, suite_init?)\n",
		       suite->name, why);
		return false;
	}
	progress->running = false;
	count(&progress->kase, KUNIT_FAILURE);
	if (suite->test_cases[progress->case_nr].generate_params)
		print_result("        ", KUNIT_FAILURE, (unsigned int)progress->param,
			     progress->desc, why);
	else
		end_case(suite, progress->case_nr, why);
	return true;
}

static void run_suite(struct kunit_suite *suite, unsigned int nr, struct counts *total)
{
	int status;
	pid_t pid;

	*progress = (struct progress){ 0 };
	if (!quiet)
		printf("    KTAP version 1\n    # Subtest: %s\n    1..%u\n", suite->name,
		       count_cases(suite, ~0U));
	do {
		fflush(stdout);
		pid = fork();
		if (!pid)
			child(suite);
		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			perror("fork");
			exit(1);
		}
	} while (status && died(suite, status) && !stop_at_first);
	printf("# %s: pass:%u fail:%u skip:%u\n", suite->name, progress->suite.pass,
	       progress->suite.fail, progress->suite.skip);
	print_result("", case_status(&progress->suite), nr, suite->name, "");
	total->pass += progress->suite.pass;
	total->fail += progress->suite.fail;
	total->skip += progress->suite.skip;
}

static void list_cases(const struct kunit_suite *suite)
{
	unsigned int i;

	for (i = 0; suite->test_cases[i].run_case; i++)
		if (case_matches(suite, &suite->test_cases[i]))
			printf("%s.%s\n", suite->name, suite->test_cases[i].name);
}

static void usage(const char *name)
{
	fprintf(stderr, "usage: %s [-q] [-x] [-l] [suite-glob[.test-glob]]\n"
		"  -q  print what fails, and the sums\n"
		"  -x  end with the first test that fails\n"
		"  -l  list the tests\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	struct counts total = { 0 };
	unsigned int nr = 0;
	size_t i;
	int opt;

	while ((opt = getopt(argc, argv, "qlx")) != -1) {
		quiet |= opt == 'q';
		stop_at_first |= opt == 'x';
		list |= opt == 'l';
		if (opt == '?')
			usage(argv[0]);
	}
	filter = argv[optind];
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		return 1;
	if (!quiet && !list)
		printf("KTAP version 1\n");
	for (i = 0; i < nr_suites && !(stop_at_first && total.fail); i++) {
		if (!count_cases(suites[i], ~0U))
			continue;
		if (list)
			list_cases(suites[i]);
		else
			run_suite(suites[i], ++nr, &total);
	}
	if (list)
		return 0;
	if (total.skip)
		printf("%u skipped\n", total.skip);
	printf("%u passed, %u failed\n", total.pass, total.fail);
	return total.fail || !(total.pass + total.skip);
}
