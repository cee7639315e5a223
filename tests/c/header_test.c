/* Every call of the C header, from a program that is C11 and C++ alike; what each does is tested in the *_test.cpp
 * beside it. */
#include <plimsoll.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  printf("this does not hold: %s\n", what);
  ++failures;
}
#define EXPECT(condition) expect((condition) ? 1 : 0, #condition)

static int32_t count(const plimsoll_progress* progress, void* data) {
  (void)progress;
  ++*(int32_t*)data;
  return 0;
}

static void experts(void) {
  const double load[8] = {600, 560, 120, 120, 20, 10, 10, 10};
  plimsoll_error error;
  plimsoll_options options;
  plimsoll_experts given;
  plimsoll_instance* instance;
  plimsoll_plan* plan;
  plimsoll_certificate certificate;
  plimsoll_stop* stop = plimsoll_stop_make(&error);
  int32_t calls = 0;
  int32_t slots[16];
  double shares[16];
  double imbalance = 0;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t violations = -1;
  uint64_t bytes = 0;
  char digest[PLIMSOLL_DIGEST_BYTES];
  char text[4000];

  plimsoll_experts_init(&given, sizeof given);
  given.layers = 1;
  given.experts = 8;
  given.devices_per_node = 8;
  given.slots = 2;
  given.load = load;
  instance = plimsoll_instance_from_experts(&given, &error);
  EXPECT(instance != NULL);
  EXPECT(plimsoll_instance_kind(instance) == PLIMSOLL_KIND_EXPERTS);
  EXPECT(plimsoll_instance_json(instance, text, sizeof text, &bytes, &error) == PLIMSOLL_OK);
  EXPECT(bytes == strlen(text) + 1);

  plimsoll_options_init(&options, sizeof options);
  options.stop = stop;
  options.progress = count;
  options.progress_data = &calls;
  plan = plimsoll_solve(instance, &options, &error);
  EXPECT(plan != NULL);
  EXPECT(calls > 0);
  certificate.struct_size = sizeof certificate;
  EXPECT(plimsoll_plan_certificate(plan, &certificate, &error) == PLIMSOLL_OK);
  EXPECT(strcmp(plimsoll_status_name(certificate.status), "optimal") == 0);
  EXPECT(plimsoll_plan_shape(plan, &rows, &columns, &error) == PLIMSOLL_OK);
  EXPECT(rows == 1 && columns == 16);
  EXPECT(plimsoll_plan_slots(plan, slots, 16, &error) == PLIMSOLL_OK);
  EXPECT(plimsoll_plan_shares(plan, shares, 16, &error) == PLIMSOLL_OK);
  EXPECT(plimsoll_plan_rank(plan, slots, 16, &error) == PLIMSOLL_UNSUPPORTED);
  EXPECT(plimsoll_plan_bin_of(plan, slots, 16, &error) == PLIMSOLL_UNSUPPORTED);
  EXPECT(plimsoll_plan_microsteps(plan) == 0);
  EXPECT(plimsoll_plan_microstep(plan, 0, slots, shares, 16, &error) == PLIMSOLL_UNSUPPORTED);
  EXPECT(plimsoll_plan_metric(plan, "imbalance", &imbalance, &error) == PLIMSOLL_OK);
  EXPECT(imbalance >= 1);
  EXPECT(plimsoll_plan_digest(plan, digest, &error) == PLIMSOLL_OK);
  EXPECT(strlen(digest) == 64);
  EXPECT(plimsoll_plan_json(plan, text, sizeof text, &bytes, &error) == PLIMSOLL_OK);
  plimsoll_plan_free(plan);

  plan = plimsoll_plan_from_json(instance, text, bytes - 1, &error);
  EXPECT(plan != NULL);
  EXPECT(plimsoll_check(instance, plan, &violations, text, sizeof text, &error) == PLIMSOLL_OK);
  EXPECT(violations == 0 && text[0] == '\0');
  plimsoll_plan_free(plan);
  plimsoll_instance_free(instance);
  plimsoll_stop_request(stop);
  plimsoll_stop_free(stop);
}

static void assignment(void) {
  const double cost[4] = {1, 5, 5, 1};
  const double size[4] = {1, 1, 1, 1};
  const double capacity[2] = {2, 2};
  plimsoll_error error;
  plimsoll_assignment given;
  plimsoll_instance* instance;
  plimsoll_plan* plan;
  int32_t bin_of[2] = {-1, -1};

  plimsoll_assignment_init(&given, sizeof given);
  given.objective = PLIMSOLL_OBJECTIVE_COST;
  given.bins = 2;
  given.items = 2;
  given.cost = cost;
  given.size = size;
  given.capacity = capacity;
  instance = plimsoll_instance_from_assignment(&given, &error);
  EXPECT(instance != NULL);
  EXPECT(plimsoll_instance_kind(instance) == PLIMSOLL_KIND_ASSIGNMENT);
  plan = plimsoll_solve(instance, NULL, &error);
  EXPECT(plimsoll_plan_bin_of(plan, bin_of, 2, NULL) == PLIMSOLL_OK);
  EXPECT(bin_of[0] == 0 && bin_of[1] == 1);
  plimsoll_plan_free(plan);
  plimsoll_instance_free(instance);
}

static void refusals(void) {
  plimsoll_error error;
  EXPECT(plimsoll_instance_from_json("{", 1, NULL, &error) == NULL);
  EXPECT(error.code == PLIMSOLL_INPUT && error.message[0] != '\0');
  EXPECT(plimsoll_instance_from_file("there/is/none.json", &error) == NULL);
  EXPECT(error.code == PLIMSOLL_FILE);
  EXPECT(plimsoll_plan_from_json(NULL, "{}", 2, &error) == NULL);
  EXPECT(error.code == PLIMSOLL_USAGE);
}

int main(void) {
  EXPECT(plimsoll_abi_version() == PLIMSOLL_ABI_VERSION);
  EXPECT(strlen(plimsoll_version()) >= 5);
  experts();
  assignment();
  refusals();
  return failures == 0 ? 0 : 1;
}
