/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Registers of an SMMUv3 and the fields of its queues' entries, with the names
 * and in the order of the specification: Arm IHI 0070, chapters 6 (registers)
 * and 7 (events).
 */
#ifndef HYP_SMMUV3_REGS_H
#define HYP_SMMUV3_REGS_H

#include "platform/platform.h"

#define SMMU_REG_SIZE			0x20000	/* pages 0 and 1, of 64 KiB each */
#define SMMU_PAGE1			0x10000

/* 6.3.1 and following: what the unit can do */
#define SMMU_IDR0			0x00
#define IDR0_S2P			BIT(0)
#define IDR0_S1P			BIT(1)
#define IDR0_TTF			GENMASK_ULL(3, 2)
#define IDR0_TTF_AARCH64		2	/* a bit of it */
#define IDR0_COHACC			BIT(4)
#define IDR0_HYP			BIT(9)
#define IDR0_ATS			BIT(10)
#define IDR0_ASID16			BIT(12)
#define IDR0_MSI			BIT(13)
#define IDR0_PRI			BIT(16)
#define IDR0_VMID16			BIT(18)
#define IDR0_TTENDIAN			GENMASK_ULL(22, 21)
#define IDR0_TTENDIAN_MIXED		0
#define IDR0_TTENDIAN_LE		2
#define IDR0_STALL_MODEL		GENMASK_ULL(25, 24)
#define IDR0_STALL_MODEL_BOTH		0
#define IDR0_STALL_MODEL_NEVER		1
#define IDR0_ST_LEVEL			GENMASK_ULL(28, 27)
#define IDR0_ST_LEVEL_2			1

#define SMMU_IDR1			0x04
#define IDR1_SIDSIZE			GENMASK_ULL(5, 0)
#define IDR1_EVENTQS			GENMASK_ULL(20, 16)
#define IDR1_CMDQS			GENMASK_ULL(25, 21)
#define IDR1_QUEUES_PRESET		BIT(29)
#define IDR1_TABLES_PRESET		BIT(30)
#define IDR1_QS_MAX			19

#define SMMU_IDR3			0x0c
#define IDR3_RIL			BIT(10)
#define IDR3_BBML			GENMASK_ULL(12, 11)

#define SMMU_IDR5			0x14
#define IDR5_OAS			GENMASK_ULL(2, 0)
#define IDR5_GRAN4K			BIT(4)
#define IDR5_GRAN16K			BIT(5)
#define IDR5_GRAN64K			BIT(6)

#define SMMU_AIDR			0x1c
#define AIDR_ARCH_MAJOR			GENMASK_ULL(7, 4)

/* Control */
#define SMMU_CR0			0x20
#define SMMU_CR0ACK			0x24
#define CR0_SMMUEN			BIT(0)
#define CR0_PRIQEN			BIT(1)
#define CR0_EVENTQEN			BIT(2)
#define CR0_CMDQEN			BIT(3)
#define CR0_ATSCHK			BIT(4)
#define CR0_ACKED			GENMASK_ULL(4, 0)

#define SMMU_CR1			0x28
#define CR1_QUEUE_IC			GENMASK_ULL(1, 0)
#define CR1_QUEUE_OC			GENMASK_ULL(3, 2)
#define CR1_QUEUE_SH			GENMASK_ULL(5, 4)
#define CR1_TABLE_IC			GENMASK_ULL(7, 6)
#define CR1_TABLE_OC			GENMASK_ULL(9, 8)
#define CR1_TABLE_SH			GENMASK_ULL(11, 10)
#define CR1_CACHE_NC			0
#define CR1_CACHE_WB			1

#define SMMU_CR2			0x2c
#define CR2_E2H				BIT(0)
#define CR2_RECINVSID			BIT(1)
#define CR2_PTM				BIT(2)

#define SMMU_GBPA			0x44
#define GBPA_SHCFG			GENMASK_ULL(13, 12)
#define GBPA_ABORT			BIT(20)
#define GBPA_UPDATE			BIT(31)

#define SMMU_IRQ_CTRL			0x50
#define SMMU_IRQ_CTRLACK		0x54
#define IRQ_CTRL_GERROR_IRQEN		BIT(0)
#define IRQ_CTRL_PRIQ_IRQEN		BIT(1)
#define IRQ_CTRL_EVENTQ_IRQEN		BIT(2)
#define IRQ_CTRL_ACKED			GENMASK_ULL(2, 0)

#define SMMU_GERROR			0x60
#define SMMU_GERRORN			0x64
#define GERROR_CMDQ_ERR			BIT(0)
#define GERROR_EVENTQ_ABT_ERR		BIT(2)
#define GERROR_PRIQ_ABT_ERR		BIT(3)
#define GERROR_SFM_ERR			BIT(8)

#define SMMU_GERROR_IRQ_CFG0		0x68

#define SMMU_STRTAB_BASE		0x80
#define STRTAB_BASE_ADDR		GENMASK_ULL(51, 6)
#define STRTAB_BASE_RA			BIT_ULL(62)

#define SMMU_STRTAB_BASE_CFG		0x88
#define STRTAB_BASE_CFG_LOG2SIZE	GENMASK_ULL(5, 0)
#define STRTAB_BASE_CFG_SPLIT		GENMASK_ULL(10, 6)
#define STRTAB_BASE_CFG_FMT		GENMASK_ULL(17, 16)
#define STRTAB_BASE_CFG_FMT_LINEAR	0
#define STRTAB_BASE_CFG_FMT_2LVL	1

/* Queues.  The event queue's indices are in page 1. */
#define Q_BASE_LOG2SIZE			GENMASK_ULL(4, 0)
#define Q_BASE_ADDR			GENMASK_ULL(51, 5)
#define Q_BASE_RWA			BIT_ULL(62)

#define SMMU_CMDQ_BASE			0x90
#define SMMU_CMDQ_PROD			0x98
#define SMMU_CMDQ_CONS			0x9c
#define CMDQ_CONS_ERR			GENMASK_ULL(30, 24)
#define CERROR_NONE			0
#define CERROR_ILL			1
#define CERROR_ABT			2
#define CERROR_ATC_INV_SYNC		3

#define SMMU_EVENTQ_BASE		0xa0
#define SMMU_EVENTQ_PROD		(SMMU_PAGE1 + 0xa8)
#define SMMU_EVENTQ_CONS		(SMMU_PAGE1 + 0xac)
#define EVENTQ_OVFLG			BIT(31)	/* OVACKFLG in CONS */
#define SMMU_EVENTQ_IRQ_CFG0		0xb0

#define SMMU_PRIQ_IRQ_CFG0		0xd0

/* 7.3: event records, 32 bytes */
#define EVT_WORDS			4
#define EVT0_ID				GENMASK_ULL(7, 0)
#define EVT0_SSV			BIT_ULL(11)
#define EVT0_SSID			GENMASK_ULL(31, 12)
#define EVT0_SID			GENMASK_ULL(63, 32)
#define EVT1_RNW			BIT_ULL(35)
/* word 2 is the input address */

enum smmu_event {
	F_UUT			= 0x01,
	C_BAD_STREAMID		= 0x02,
	F_STE_FETCH		= 0x03,
	C_BAD_STE		= 0x04,
	F_BAD_ATS_TREQ		= 0x05,
	F_STREAM_DISABLED	= 0x06,
	F_TRANSL_FORBIDDEN	= 0x07,
	C_BAD_SUBSTREAMID	= 0x08,
	F_CD_FETCH		= 0x09,
	C_BAD_CD		= 0x0a,
	F_WALK_EABT		= 0x0b,
	F_TRANSLATION		= 0x10,
	F_ADDR_SIZE		= 0x11,
	F_ACCESS		= 0x12,
	F_PERMISSION		= 0x13,
	F_TLB_CONFLICT		= 0x20,
	F_CFG_CONFLICT		= 0x21,
	F_VMS_FETCH		= 0x25,
};

#endif /* HYP_SMMUV3_REGS_H */
