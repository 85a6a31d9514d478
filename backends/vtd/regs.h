/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Registers of a VT-d remapping unit, with the names of the architecture
 * specification (Intel D51397, revision 4), chapter 11; fault reasons from
 * chapter 7.
 */
#ifndef HYP_VTD_REGS_H
#define HYP_VTD_REGS_H

#include "platform/platform.h"

#define VTD_REG_SIZE			0x1000	/* at least */

/* 11.4.1 to 11.4.3: what the unit can do */
#define VTD_VER				0x00
#define VER_MAJOR			GENMASK_ULL(7, 4)

#define VTD_CAP				0x08
#define CAP_ND				GENMASK_ULL(2, 0)
#define CAP_ND_MAX			6
#define CAP_RWBF			BIT_ULL(4)
#define CAP_PLMR			BIT_ULL(5)
#define CAP_PHMR			BIT_ULL(6)
#define CAP_CM				BIT_ULL(7)
#define CAP_SAGAW			GENMASK_ULL(12, 8)
#define CAP_MGAW			GENMASK_ULL(21, 16)	/* bits - 1 */
#define CAP_FRO				GENMASK_ULL(33, 24)	/* in 16 bytes */
#define CAP_SSLPS_2M			BIT_ULL(34)
#define CAP_SSLPS_1G			BIT_ULL(35)
#define CAP_PSI				BIT_ULL(39)
#define CAP_NFR				GENMASK_ULL(47, 40)	/* registers - 1 */
#define CAP_MAMV			GENMASK_ULL(53, 48)
#define CAP_DWD				BIT_ULL(54)
#define CAP_DRD				BIT_ULL(55)
#define CAP_FS1GP			BIT_ULL(56)
#define CAP_FS5LP			BIT_ULL(60)
#define CAP_ESRTPS			BIT_ULL(63)

#define VTD_ECAP			0x10
#define ECAP_C				BIT_ULL(0)
#define ECAP_QI				BIT_ULL(1)
#define ECAP_SC				BIT_ULL(7)
#define ECAP_SMTS			BIT_ULL(43)
#define ECAP_SSTS			BIT_ULL(46)
#define ECAP_FSTS			BIT_ULL(47)
#define ECAP_SMPWC			BIT_ULL(48)

/* 11.4.4: control.  Commands are bits of GCMD, and of GSTS when they are done. */
#define VTD_GCMD			0x18
#define VTD_GSTS			0x1c
#define GCMD_TE				BIT(31)
#define GCMD_SRTP			BIT(30)
#define GCMD_WBF			BIT(27)
#define GCMD_QIE			BIT(26)
/* What of GSTS is written back: all but the commands that are done once (11.4.4.1). */
#define GSTS_LASTING			0x96ffffffU

#define VTD_RTADDR			0x20
#define RTADDR_TTM			GENMASK_ULL(11, 10)
#define RTADDR_TTM_LEGACY		0
#define RTADDR_TTM_SCALABLE		1
#define RTADDR_RTA			GENMASK_ULL(63, 12)

/* 11.4.7: faults */
#define VTD_FSTS			0x34
#define FSTS_PFO			BIT(0)
#define FSTS_PPF			BIT(1)
#define FSTS_IQE			BIT(4)
#define FSTS_ICE			BIT(5)
#define FSTS_ITE			BIT(6)
#define FSTS_FRI			GENMASK_ULL(15, 8)

#define VTD_FECTL			0x38
#define FECTL_IM			BIT(31)

#define VTD_PMEN			0x64
#define PMEN_PRS			BIT(0)
#define PMEN_EPM			BIT(31)

/* 11.4.9: the invalidation queue */
#define VTD_IQH				0x80
#define VTD_IQT				0x88
#define VTD_IQA				0x90
#define IQA_QS				GENMASK_ULL(2, 0)
#define IQA_DW				BIT_ULL(11)	/* descriptors of 256 bits */
#define IQA_IQA				GENMASK_ULL(63, 12)

#define VTD_IECTL			0xa0
#define IECTL_IM			BIT(31)

/* 11.4.7.6: fault recording registers, 16 bytes each; bits of the upper half */
#define VTD_FRCD_SIZE			16
#define VTD_FRCD_F_WORD			12	/* 32 bits, with F as the highest */
#define FRCD_F32			BIT(31)
#define FRCD0_FI			GENMASK_ULL(63, 12)
#define FRCD1_SID			GENMASK_ULL(15, 0)
#define FRCD1_PP			BIT_ULL(31)
#define FRCD1_FR			GENMASK_ULL(39, 32)
#define FRCD1_PV			GENMASK_ULL(59, 40)
#define FRCD1_T1			BIT_ULL(62)	/* no write */

/* 7.1.3: legacy mode, then scalable mode */
enum vtd_fault {
	LRT_2_ROOT_NOT_PRESENT		= 0x01,
	LCT_2_CONTEXT_NOT_PRESENT	= 0x02,
	LCT_3_CONTEXT_INVALID		= 0x03,
	LGN_1_BEYOND_MGAW		= 0x04,
	LGN_2_NO_WRITE			= 0x05,
	LGN_3_NO_READ			= 0x06,
	LSS_1_FETCH			= 0x07,
	LRT_1_FETCH			= 0x08,
	LCT_1_FETCH			= 0x09,
	LRT_3_RESERVED			= 0x0a,
	LCT_4_RESERVED			= 0x0b,
	LSS_2_RESERVED			= 0x0c,
	LCT_5_TYPE			= 0x0d,
	LGN_4_INTERRUPT			= 0x0e,

	RTA_1_ADDRESS			= 0x30,
	RTA_2_PASID			= 0x31,
	RTA_3_TYPE			= 0x32,
	SRT_1_FETCH			= 0x38,
	SRT_2_NOT_PRESENT		= 0x39,
	SRT_3_RESERVED			= 0x3a,
	SCT_1_FETCH			= 0x40,
	SCT_2_NOT_PRESENT		= 0x41,
	SCT_3_RESERVED			= 0x42,
	SCT_4_INVALID			= 0x43,
	SCT_5_NO_DTE			= 0x44,
	SCT_6_NO_PASIDE			= 0x45,
	SCT_7_PASID			= 0x46,
	SCT_8_NO_PRE			= 0x47,
	SCT_9_RID_PASID			= 0x48,
	SPD_1_FETCH			= 0x50,
	SPD_2_NOT_PRESENT		= 0x51,
	SPD_3_RESERVED			= 0x52,
	SPT_1_FETCH			= 0x58,
	SPT_2_NOT_PRESENT		= 0x59,
	SPT_3_RESERVED			= 0x5a,
	SPT_4_INVALID			= 0x5b,
	SFS_1_FETCH			= 0x70,
	SFS_2_NOT_PRESENT		= 0x71,
	SFS_3_RESERVED			= 0x72,
	SFS_4_FETCH_ROOT		= 0x73,
	SSS_1_FETCH			= 0x78,
	SSS_2_NO_ACCESS			= 0x79,
	SSS_3_RESERVED			= 0x7a,
	SSS_4_ROOT			= 0x7b,
	SSS_5_SNOOP			= 0x7c,
	SGN_1_NOT_CANONICAL		= 0x80,
	SGN_2_SUPERVISOR		= 0x81,
	SGN_3_EXECUTE			= 0x82,
	SGN_4_BEYOND_MAX		= 0x83,
	SGN_5_BEYOND_SS			= 0x84,
	SGN_6_NO_WRITE			= 0x85,
	SGN_7_NO_READ			= 0x86,
	SGN_8_INTERRUPT			= 0x87,
	SFS_10_SNOOP			= 0x90,
};

#endif /* HYP_VTD_REGS_H */
