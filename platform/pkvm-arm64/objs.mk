# SPDX-License-Identifier: GPL-2.0-only
# What becomes part of KVM's EL2 object (kvm_nvhe.o). Included by
# arch/arm64/kvm/hyp/nvhe/Makefile, relative to which all objects are named.

hyp-iommu-dir := ../../../../../drivers/iommu/hyp
hyp-iommu-src := $(srctree)/drivers/iommu/hyp

hyp-iommu-objs-y := $(addprefix core/, domain.o endpoint.o hypercall.o map.o pin.o pool.o sync.o unit.o)
hyp-iommu-objs-y += $(addprefix pgtable/, fmt_vmsa.o pgtable.o pool.o)
hyp-iommu-objs-y += $(addprefix platform/pkvm-arm64/, pkvm.o probe.o)
hyp-iommu-objs-$(CONFIG_HYP_IOMMU_SMMUV3) += $(addprefix backends/smmuv3/, \
	cmdq.o evtq.o init.o smmuv3.o ste.o strtab.o tlbi.o)

hyp-iommu-objs := $(addprefix $(hyp-iommu-dir)/, $(hyp-iommu-objs-y))

# Flags for our objects only. Outline atomics would need helpers that EL2 has not.
hyp-iommu-cflags := -I$(hyp-iommu-src) -I$(hyp-iommu-src)/include \
		    -I$(hyp-iommu-src)/platform/pkvm-arm64 -mno-outline-atomics
$(foreach o, $(hyp-iommu-objs:.o=.nvhe.o), \
	$(eval CFLAGS_$(o) += $(hyp-iommu-cflags)))
