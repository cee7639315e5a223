/* Eight experts on eight devices with two slots each, from an array of loads. */
#include <plimsoll.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const plimsoll_error* error) {
  fprintf(stderr, "%s %s %s\n", error->pointer, error->message, error->advice);
  return 2;
}

/* Nonzero would stop the solve. */
static int32_t watch(const plimsoll_progress* progress, void* data) {
  *(double*)data = progress->objective;
  return 0;
}

int main(void) {
  const double load[8] = {600, 560, 120, 120, 20, 10, 10, 10};
  plimsoll_error error;

  if (plimsoll_abi_version() != PLIMSOLL_ABI_VERSION) return 2;

  plimsoll_experts experts;
  plimsoll_experts_init(&experts, sizeof experts);
  experts.layers = 1;
  experts.experts = 8;
  experts.devices_per_node = 8;
  experts.slots = 2;
  experts.dispatch = PLIMSOLL_DISPATCH_EVEN;
  experts.load = load;
  plimsoll_instance* instance = plimsoll_instance_from_experts(&experts, &error);
  if (instance == NULL) return fail(&error);

  double objective_so_far = 0;
  plimsoll_options options;
  plimsoll_options_init(&options, sizeof options);
  options.work_limit = 50000000;
  options.progress = watch;
  options.progress_data = &objective_so_far;
  plimsoll_plan* plan = plimsoll_solve(instance, &options, &error);
  if (plan == NULL) return fail(&error);

  plimsoll_certificate certificate;
  certificate.struct_size = sizeof certificate;
  if (plimsoll_plan_certificate(plan, &certificate, &error) != PLIMSOLL_OK) return fail(&error);
  if (certificate.status != PLIMSOLL_STATUS_OPTIMAL && certificate.status != PLIMSOLL_STATUS_FEASIBLE) {
    fprintf(stderr, "no plan: %s\n", certificate.reason);
    return 1;
  }
  printf("objective %g, no plan is below %g\n", certificate.objective, certificate.bound);

  int32_t slots[16];
  char digest[PLIMSOLL_DIGEST_BYTES];
  if (plimsoll_plan_slots(plan, slots, 16, &error) != PLIMSOLL_OK) return fail(&error);
  if (plimsoll_plan_digest(plan, digest, &error) != PLIMSOLL_OK) return fail(&error);
  printf("plan %s\n", digest);
  for (int slot = 0; slot < 16; ++slot) printf("%d ", (int)slots[slot]);
  printf("\n");

  uint64_t bytes = 0;
  if (plimsoll_plan_json(plan, NULL, 0, &bytes, &error) != PLIMSOLL_OK) return fail(&error);
  char* text = malloc(bytes);
  if (text == NULL) return 2;
  if (plimsoll_plan_json(plan, text, bytes, NULL, &error) != PLIMSOLL_OK) return fail(&error);

  plimsoll_plan* read_again = plimsoll_plan_from_json(instance, text, bytes - 1, &error);
  if (read_again == NULL) return fail(&error);
  char complaints[1000];
  int64_t violations = 0;
  if (plimsoll_check(instance, read_again, &violations, complaints, sizeof complaints, &error) != PLIMSOLL_OK) {
    return fail(&error);
  }
  printf("%d violations\n%s", (int)violations, complaints);

  free(text);
  plimsoll_plan_free(read_again);
  plimsoll_plan_free(plan);
  plimsoll_instance_free(instance);
  return violations == 0 ? 0 : 1;
}
