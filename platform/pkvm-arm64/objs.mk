# SPDX-License-Identifier: GPL-2.0-only
# What becomes part of KVM's EL2 object (kvm_nvhe.o). Included by
# arch/arm64/kvm/hyp/nvhe/Makefile, relative to which all objects are named.

hyp-iommu-dir := ../../../../../drivers/iommu/hyp
hyp-iommu-src := $(srctree)/drivers/iommu/hyp

hyp-iommu-objs := $(addprefix $(hyp-iommu-dir)/platform/pkvm-arm64/, program.o probe.o)

# Flags for our objects only. Outline atomics would need helpers that EL2 has not. One program:
# nothing is called from outside but what is __visible.
hyp-iommu-cflags := -I$(hyp-iommu-src) -I$(hyp-iommu-src)/include \
		    -I$(hyp-iommu-src)/platform/pkvm-arm64 -mno-outline-atomics \
		    $(call cc-option,-fwhole-program)
$(foreach o, $(hyp-iommu-objs:.o=.nvhe.o), \
	$(eval CFLAGS_$(o) += $(hyp-iommu-cflags)))
