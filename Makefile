# SPDX-License-Identifier: GPL-2.0-only
# A person's commands; "make help" lists them. Each calls one script of scripts/,
# or the Makefile of the part that is meant.
# (What a kernel tree builds of this repository is in Kbuild, which goes first there.)

# HYP=svm: the kernel that is the guest of the SVM monitor, and its scenarios.
export HYP
VARIANT ?= $(HYP)

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables: ARCH=arm64|x86_64, the machine that is built for and booted (default: arm64;"
	@echo "of test: both); KERNEL_SRC=<tree> uses that Linux tree (it stays as it is); LLVM=1 builds"
	@echo "with clang; VARIANT=debug|stock|inline|svm adds scripts/config/<variant>.config; JOBS=<n>;"
	@echo "HYP=svm (with ARCH=x86_64): the SVM monitor, for demo, kernel, boot, e2e, negative;"
	@echo "SUITE=<glob> selects KUnit suites; KUNIT_ARCH=um|arm64|x86_64; ONLY=<name> one of e2e or negative;"
	@echo "SEED=<n> repeats a run of qtest;"
	@echo "TESTS='<job>...' selects jobs of make test; BOOT='<arguments>' goes to e2e/boot.py."
	@echo "Downloads are kept in \$$XDG_CACHE_HOME/hyp-iommu (default ~/.cache/hyp-iommu), all that is"
	@echo "built in build/."

deps: ## install what is missing on this machine (Debian 12 or 13)
	@scripts/deps.sh

demo: kernel initramfs ## the same machine without us and with us (arm64: the hole in protected KVM)
	@e2e/demo.py

test: deps ## everything that can be tested; ends in "N passed, N failed"
	@scripts/test.sh $(TESTS)

check: deps ## the KUnit suites in user space, with sanitizers (seconds)
	@$(MAKE) --no-print-directory -C kunit check

kunit: deps ## the KUnit suites in a kernel (UML; KUNIT_ARCH=arm64|x86_64: in QEMU)
	@scripts/kunit.sh $(SUITE)

bench: deps ## our page tables beside Linux's and a floor; leaves tables and a chart in build/bench
	@scripts/bench.sh

coverage: deps ## lines and branches that the user-space suites reach
	@$(MAKE) --no-print-directory -C kunit coverage

mutants: deps ## break the code in 200 small ways; the suites must notice (ONLY=<file glob>)
	@scripts/mutants.py $(addprefix --only ,$(ONLY))

qtest: deps ## the core and backends in user space against QEMU's IOMMUs (a minute)
	@scripts/qtest.sh $(if $(SEED),--seed $(SEED))

kernel: deps ## build the trimmed kernel into build/kernel-<arch>
	@scripts/kernel.sh $(if $(VARIANT),-v $(VARIANT))

initramfs: deps ## build the guest's user space
	@scripts/initramfs.sh

boot: kernel initramfs ## an interactive shell in the guest
	@e2e/boot.py --shell $(if $(VARIANT),--variant $(VARIANT)) $(or $(BOOT),--device nvme --device edu --append hyp_iommu=on)

e2e: kernel initramfs ## the end-to-end tests in booted kernels (ONLY=<name>)
	@e2e/run.py $(addprefix --only ,$(ONLY))

negative: kernel initramfs ## remove one guard at a time; the matching test must fail
	@e2e/negative.py $(addprefix --only ,$(ONLY))

bench-e2e: kernel initramfs ## what the DMA API costs in booted kernels, in instructions (ONLY=<name>)
	@bench/e2e/run.py $(addprefix --only ,$(ONLY))

lint: deps ## coding style, licences, include rules, shell scripts
	@scripts/lint.sh

sparse: deps ## sparse on our files
	@scripts/sparse.sh

stats: deps ## lines of the trusted base, sizes, figures of the last runs
	@scripts/stats.sh

clean: ## remove build/
	rm -rf build

.DEFAULT_GOAL := help
.PHONY: help deps demo test check bench bench-e2e coverage mutants kunit qtest kernel initramfs boot e2e negative lint sparse stats clean
