/* The C interface of Plimsoll (C11, C++): what docs/embedding.md shows by example.
 *
 * Handles. Every handle comes from a call that returns a pointer and is given back once, by its own _free; _free(NULL)
 * does nothing. What a call is given is copied where it is kept, so that the caller's arrays and texts may go
 * afterwards.
 *
 * Errors. Every call that can fail takes a plimsoll_error*, which may be NULL; the call clears or fills it, and returns
 * a code (PLIMSOLL_OK is 0) or NULL. Nothing else tells of errors: no call prints, exits or aborts, and no C++
 * exception leaves one.
 *
 * Threads. Any calls may run at once on different handles. A const handle may be used by many threads at once: one
 * instance can be solved by all of them. A handle is freed when nobody uses it any more. No call starts a thread
 * unless plimsoll_options.threads is above 1.
 *
 * Growth. Structs that the caller fills begin with struct_size. Fields are added at the end only: a program that was
 * compiled with an older header gets the defaults of what it does not know, and one that sets a field that this library
 * does not know gets an error.
 *
 * Units. Times are seconds, sizes bytes, loads tokens. Tables are row-major. Everything is counted from 0.
 */
#ifndef PLIMSOLL_PLIMSOLL_H
#define PLIMSOLL_PLIMSOLL_H

#include <stdint.h>

#include "plimsoll/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PLIMSOLL_ABI_VERSION 1u

/* The ABI of the library that is loaded; programs compare it with PLIMSOLL_ABI_VERSION. */
PLIMSOLL_API uint32_t plimsoll_abi_version(void);
/* "0.1.0"; lives as long as the library. */
PLIMSOLL_API const char* plimsoll_version(void);

/* ---- errors ------------------------------------------------------------------------------------------------------ */

enum {
  PLIMSOLL_OK = 0,
  PLIMSOLL_USAGE = 1,       /* a call that makes no sense */
  PLIMSOLL_INPUT = 2,       /* an instance or a plan that breaks the format */
  PLIMSOLL_UNSUPPORTED = 3, /* a method that cannot honour a constraint of this instance */
  PLIMSOLL_FILE = 4,        /* a file that cannot be read */
  PLIMSOLL_MEMORY = 5,      /* there was not enough memory; nothing is lost but this call's result */
  PLIMSOLL_INTERNAL = 6     /* a broken promise of this library: please report it */
};

/* Filled without allocating; texts are UTF-8, cut where they are too long, and always end in a zero. */
typedef struct plimsoll_error {
  int32_t code;
  char message[508]; /* what is wrong, with the value that was found */
  char pointer[256]; /* RFC 6901 pointer into the instance or plan; empty where the error has no place */
  char advice[256];  /* one sentence that begins with "Maybe", or empty */
} plimsoll_error;

/* ---- stopping ---------------------------------------------------------------------------------------------------- */

/* Ends the solves that were given it: each returns the best plan that it has. Stays requested for good. */
typedef struct plimsoll_stop plimsoll_stop;

PLIMSOLL_API plimsoll_stop* plimsoll_stop_make(plimsoll_error* error);
/* From any thread, and from a signal handler: it waits for nobody and allocates nothing. NULL: nothing happens. */
PLIMSOLL_API void plimsoll_stop_request(plimsoll_stop* stop);
/* When no solve uses it any more. */
PLIMSOLL_API void plimsoll_stop_free(plimsoll_stop* stop);

/* ---- options ----------------------------------------------------------------------------------------------------- */

typedef struct plimsoll_progress {
  double seconds;   /* since the solve began */
  double objective; /* of the best verified plan so far; NaN where there is none */
  double bound;     /* no plan is better than this; NaN where none is known */
  uint64_t work;
} plimsoll_progress;

/* A return other than 0 stops the solve, which then returns the best plan that it has. The pointers are valid during
 * the call only. Runs on the thread that solves; a call that throws a C++ exception ends the solve with an error. */
typedef int32_t (*plimsoll_progress_call)(const plimsoll_progress* progress, void* data);

typedef struct plimsoll_options {
  uint32_t struct_size;      /* set by plimsoll_options_init */
  int32_t threads;           /* at least 1; never changes the plan */
  const char* method;        /* NULL: "auto" */
  uint64_t work_limit;       /* elementary steps, so that the plan is the same everywhere; 0: as the problem sets it */
  double time_limit_seconds; /* a guard; 0: none */
  uint64_t seed;             /* below 2^63 */
  double gap;                /* stop once (objective - bound) / |objective| is at most this */
  plimsoll_stop* stop;       /* or NULL; the caller keeps it, and it lives longer than the solve */
  plimsoll_progress_call progress; /* or NULL; at new plans, at new bounds, and between rounds */
  void* progress_data;             /* handed to progress as it is */
} plimsoll_options;

/* Sets every field to its default: plimsoll_options_init(&options, sizeof options). */
PLIMSOLL_API void plimsoll_options_init(plimsoll_options* options, uint32_t struct_size);

/* ---- instances --------------------------------------------------------------------------------------------------- */

/* What is to be planned: an instance of docs/formats.md. Never changes, so that many threads may use it at once. */
typedef struct plimsoll_instance plimsoll_instance;

enum {
  PLIMSOLL_KIND_EXPERTS = 0,
  PLIMSOLL_KIND_STEP = 1, /* experts with micro-steps */
  PLIMSOLL_KIND_ASSIGNMENT = 2
};

/* The text of an instance file of any kind, `bytes` long (no zero at its end is needed). `folder` is where .npy files
 * that it names are looked for; NULL: the current folder. They are read now, never again. */
PLIMSOLL_API plimsoll_instance* plimsoll_instance_from_json(const char* text, uint64_t bytes, const char* folder,
                                                            plimsoll_error* error);
/* Reads the file; .npy files that it names are looked for in its folder. */
PLIMSOLL_API plimsoll_instance* plimsoll_instance_from_file(const char* path, plimsoll_error* error);

enum { PLIMSOLL_DISPATCH_WEIGHTED = 0, PLIMSOLL_DISPATCH_EVEN = 1 };

enum {
  PLIMSOLL_EXPERTS_NO_DUPLICATES = 1,         /* no device holds an expert twice in a layer */
  PLIMSOLL_EXPERTS_MAY_LEAVE_SLOTS_EMPTY = 2, /* else every slot of a live device is filled */
  PLIMSOLL_EXPERTS_KEEP_GROUPS_ON_A_NODE = 4  /* all replicas of a group's experts on one node */
};

/* `experts` from arrays: the most used keys of docs/formats.md, with their meaning, ranges and defaults. What is not
 * here (micro-steps, links, curves of seconds) is written as JSON. */
typedef struct plimsoll_experts {
  uint32_t struct_size;           /* set by plimsoll_experts_init */
  uint32_t flags;                 /* PLIMSOLL_EXPERTS_..., joined by | */
  int32_t layers;                 /* at least 1 */
  int32_t experts;                /* at least 1 */
  int32_t groups;                 /* divides experts; default 1 */
  int32_t nodes;                  /* default 1 */
  int32_t devices_per_node;       /* default 1; there are nodes * devices_per_node devices */
  int32_t slots;                  /* per layer on each device; 0 where slots_of_device is given */
  const int32_t* slots_of_device; /* [devices] instead of slots, or NULL */
  const double* load;             /* [layers][experts] tokens, 0 or more */
  const double* speed;            /* [devices] relative to 1, or NULL */
  const int32_t* dead;            /* [dead_count] devices that hold nothing, or NULL */
  const int32_t* placement;       /* [layers][all slots in device order] expert or -1: what stands now; or NULL */
  int32_t dead_count;
  int32_t dispatch;             /* PLIMSOLL_DISPATCH_...; default weighted: an expert's tokens by any shares */
  int64_t max_moves;            /* over all layers, needs a placement; default -1: no limit */
  int64_t max_moves_per_device; /* likewise */
  double move_seconds;          /* price of one move in the objective, needs a placement */
  double token_seconds;         /* per token on a device of speed 1; default 1 */
  double replica_seconds;       /* per replica that serves a token */
  double other_seconds;         /* per layer */
  int64_t tile_tokens;          /* tokens are rounded up to whole tiles; 0: they are real numbers */
  double expert_bytes;          /* 0: not given */
  double memory_bytes;          /* of a device, over all layers, needs expert_bytes; 0: no limit */
  const char* name;             /* free text, or NULL */
} plimsoll_experts;

/* Sets every field to its default: plimsoll_experts_init(&experts, sizeof experts). */
PLIMSOLL_API void plimsoll_experts_init(plimsoll_experts* experts, uint32_t struct_size);
PLIMSOLL_API plimsoll_instance* plimsoll_instance_from_experts(const plimsoll_experts* experts, plimsoll_error* error);

enum { PLIMSOLL_OBJECTIVE_COST = 0, PLIMSOLL_OBJECTIVE_MAKESPAN = 1 };

/* `assignment` from arrays, likewise. Lists of items that belong together or apart, and further dimensions, are written
 * as JSON. */
typedef struct plimsoll_assignment {
  uint32_t struct_size;     /* set by plimsoll_assignment_init */
  int32_t objective;        /* PLIMSOLL_OBJECTIVE_... */
  int32_t bins;             /* at least 1 */
  int32_t items;            /* at least 1 */
  const double* cost;       /* [bins][items]; NULL for the makespan */
  const double* size;       /* [bins][items] */
  const double* capacity;   /* [bins], or NULL: no limit */
  const double* speed;      /* [bins] for the makespan, or NULL: all 1 */
  const int32_t* forbidden; /* [forbidden_count][2] item, bin: the item must not go there; or NULL */
  const int32_t* pinned;    /* [pinned_count][2] item, bin: the item must go there; or NULL */
  const int32_t* current;   /* [items] the bin where it is now, or -1; or NULL */
  int32_t forbidden_count;
  int32_t pinned_count;
  int64_t max_changes; /* items that leave their current bin; default -1: no limit */
  double change_price; /* added to the objective for each of them */
  const char* name;    /* free text, or NULL */
} plimsoll_assignment;

/* Sets every field to its default: plimsoll_assignment_init(&assignment, sizeof assignment). */
PLIMSOLL_API void plimsoll_assignment_init(plimsoll_assignment* assignment, uint32_t struct_size);
PLIMSOLL_API plimsoll_instance* plimsoll_instance_from_assignment(const plimsoll_assignment* assignment,
                                                                  plimsoll_error* error);

/* PLIMSOLL_KIND_...; -1 for NULL. */
PLIMSOLL_API int32_t plimsoll_instance_kind(const plimsoll_instance* instance);
/* The instance as a file, for `plimsoll check` and the other verbs. How texts are given: at plimsoll_plan_json. */
PLIMSOLL_API int32_t plimsoll_instance_json(const plimsoll_instance* instance, char* text, uint64_t bytes,
                                            uint64_t* needed, plimsoll_error* error);
PLIMSOLL_API void plimsoll_instance_free(plimsoll_instance* instance);

/* ---- plans ------------------------------------------------------------------------------------------------------- */

/* A plan with its certificate; or the certificate alone, where there is no plan. Never changes. */
typedef struct plimsoll_plan plimsoll_plan;

/* options may be NULL: all defaults. A solve that finds no plan is no error: see the certificate's status. */
PLIMSOLL_API plimsoll_plan* plimsoll_solve(const plimsoll_instance* instance, const plimsoll_options* options,
                                           plimsoll_error* error);
/* The text of a plan file for this instance, `bytes` long. Nothing in it is believed: plimsoll_check judges it. */
PLIMSOLL_API plimsoll_plan* plimsoll_plan_from_json(const plimsoll_instance* instance, const char* text, uint64_t bytes,
                                                    plimsoll_error* error);
PLIMSOLL_API void plimsoll_plan_free(plimsoll_plan* plan);

enum {
  PLIMSOLL_STATUS_OPTIMAL = 0,    /* objective - bound <= 1e-9 * max(1, |objective|) */
  PLIMSOLL_STATUS_FEASIBLE = 1,   /* a verified plan with an open gap */
  PLIMSOLL_STATUS_INFEASIBLE = 2, /* proven: no plan exists */
  PLIMSOLL_STATUS_UNKNOWN = 3     /* no plan was found within the limit */
};

enum {
  PLIMSOLL_STOPPED_BY_OPTIMAL = 0,
  PLIMSOLL_STOPPED_BY_GAP = 1,
  PLIMSOLL_STOPPED_BY_WORK = 2,
  PLIMSOLL_STOPPED_BY_TIME = 3,
  PLIMSOLL_STOPPED_BY_INTERRUPT = 4, /* plimsoll_stop_request, or progress returned something else than 0 */
  PLIMSOLL_STOPPED_BY_EXHAUSTED = 5  /* the method had nothing left to try */
};

typedef struct plimsoll_certificate {
  uint32_t struct_size;        /* sizeof(plimsoll_certificate), set by the caller */
  int32_t status;              /* PLIMSOLL_STATUS_... */
  int32_t stopped_by;          /* PLIMSOLL_STOPPED_BY_... */
  int32_t verified;            /* 1: our own evaluation found no violation in the plan */
  int32_t bound_is_recomputed; /* 1: plimsoll_check derives the bound again; 0: a solver's word */
  int32_t reserved;
  double objective; /* seconds or cost; NaN where there is no plan */
  double bound;     /* no plan is better than this; NaN where none is known */
  double gap;       /* (objective - bound) / max(|objective|, 1e-12); NaN where one of them is missing */
  uint64_t seed;
  uint64_t work;
  char method[64];
  char bound_method[128];
  char reason[512]; /* why the status is infeasible or unknown, in the problem's words; else empty */
} plimsoll_certificate;

PLIMSOLL_API int32_t plimsoll_plan_certificate(const plimsoll_plan* plan, plimsoll_certificate* certificate,
                                               plimsoll_error* error);
/* "optimal", "feasible", "infeasible", "unknown"; NULL for any other number. Lives as long as the library. */
PLIMSOLL_API const char* plimsoll_status_name(int32_t status);

/* The shape of the plan's tables: [layers][columns] for experts, where the columns are all slots in device order (of a
 * step: base and transient slots of each device); [1][items] for an assignment. [0][0] where there is no plan. */
PLIMSOLL_API int32_t plimsoll_plan_shape(const plimsoll_plan* plan, int64_t* rows, int64_t* columns,
                                         plimsoll_error* error);

/* The tables go into the caller's arrays, which hold `count` numbers: at least rows * columns, or it is an error and
 * nothing is written. PLIMSOLL_UNSUPPORTED where a plan of this kind has no such table, or there is no plan. */

/* The expert on each slot, -1 where it is empty; of a step: what stands for the whole step. */
PLIMSOLL_API int32_t plimsoll_plan_slots(const plimsoll_plan* plan, int32_t* slots, uint64_t count,
                                         plimsoll_error* error);
/* The part of its expert's tokens that each slot serves, 0 to 1; plans of experts without micro-steps. */
PLIMSOLL_API int32_t plimsoll_plan_shares(const plimsoll_plan* plan, double* shares, uint64_t count,
                                          plimsoll_error* error);
/* Which of its expert's replicas each slot is, from 0, and -1 where it is empty; plans of plimsoll_rebalance. */
PLIMSOLL_API int32_t plimsoll_plan_rank(const plimsoll_plan* plan, int32_t* rank, uint64_t count,
                                        plimsoll_error* error);
/* The bin of each item, [items]; plans of an assignment. */
PLIMSOLL_API int32_t plimsoll_plan_bin_of(const plimsoll_plan* plan, int32_t* bin_of, uint64_t count,
                                          plimsoll_error* error);

/* Micro-steps of the plan of a step; 0 for other plans and NULL. */
PLIMSOLL_API int32_t plimsoll_plan_microsteps(const plimsoll_plan* plan);
/* Slots and shares that serve one micro-step, both of the plan's shape; each may be NULL. Transfers between devices
 * stand in the plan's JSON. */
PLIMSOLL_API int32_t plimsoll_plan_microstep(const plimsoll_plan* plan, int32_t microstep, int32_t* slots,
                                             double* shares, uint64_t count, plimsoll_error* error);

/* One of the metrics of docs/formats.md, "A plan": "imbalance", "moves", "makespan", ... */
PLIMSOLL_API int32_t plimsoll_plan_metric(const plimsoll_plan* plan, const char* name, double* value,
                                          plimsoll_error* error);

/* The plan file. A text is asked for twice: with bytes 0, which sets *needed to its size with the zero at its end, and
 * with a buffer of that size. A buffer that is too small is an error and gets the empty text. needed may be NULL. */
PLIMSOLL_API int32_t plimsoll_plan_json(const plimsoll_plan* plan, char* text, uint64_t bytes, uint64_t* needed,
                                        plimsoll_error* error);

#define PLIMSOLL_DIGEST_BYTES 65

/* SHA-256 of the plan's numbers in hexadecimal, and a zero: what ranks compare to know that they made the same plan. */
PLIMSOLL_API int32_t plimsoll_plan_digest(const plimsoll_plan* plan, char digest[PLIMSOLL_DIGEST_BYTES],
                                          plimsoll_error* error);

/* Evaluates the plan anew and derives its bound again. *violations is their number, 0: plan and certificate hold; each
 * is one line of `text`, which is cut after the last line that fits into its `bytes` (text may be NULL where bytes is
 * 0). A certificate that says that there is no plan counts as one. */
PLIMSOLL_API int32_t plimsoll_check(const plimsoll_instance* instance, const plimsoll_plan* plan, int64_t* violations,
                                    char* text, uint64_t bytes, plimsoll_error* error);

/* ---- rebalancing ------------------------------------------------------------------------------------------------- */

enum {
  PLIMSOLL_REBALANCE_BEST = 0,      /* as good as the work allows, with a bound that says how good that is */
  PLIMSOLL_REBALANCE_COMPATIBLE = 1 /* slot for slot what DeepSeek's EPLB returns */
};

/* What serving systems ask their expert balancer (plimsoll/rebalance.hpp). */
typedef struct plimsoll_rebalance_request {
  uint32_t struct_size; /* set by plimsoll_rebalance_request_init */
  int32_t mode;         /* PLIMSOLL_REBALANCE_... */
  int32_t dispatch;     /* PLIMSOLL_DISPATCH_...; default even */
  int32_t layers;
  int32_t experts;
  int32_t slots;            /* of each layer, over all devices; a multiple of devices, at least experts */
  int32_t groups;           /* default 1; where nodes divides it, a group stays on one node */
  int32_t nodes;            /* default 1; divides devices */
  int32_t devices;          /* default 1 */
  int32_t dead_count;       /* needs mode best */
  const double* load;       /* [layers][experts] tokens, 0 or more */
  const int32_t* placement; /* [layers][slots] what stands now, or NULL */
  const int32_t* dead;      /* [dead_count] devices that hold nothing, ascending; or NULL */
  int64_t max_moves;        /* over all layers, needs a placement and mode best; default -1: no limit */
} plimsoll_rebalance_request;

/* Sets every field to its default: plimsoll_rebalance_request_init(&request, sizeof request). */
PLIMSOLL_API void plimsoll_rebalance_request_init(plimsoll_rebalance_request* request, uint32_t struct_size);
/* A plan of [layers][slots] with slots, shares, rank, digest, certificate and the metrics of experts; it has no file
 * and no instance. options may be NULL; method, gap and progress are not taken. */
PLIMSOLL_API plimsoll_plan* plimsoll_rebalance(const plimsoll_rebalance_request* request,
                                               const plimsoll_options* options, plimsoll_error* error);

#ifdef __cplusplus
}
#endif

#endif
