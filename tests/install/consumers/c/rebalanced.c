/* Replicas for two layers of four experts on two devices with three slots each, as a serving engine asks for them. */
#include <plimsoll.h>
#include <stdio.h>

int main(void) {
  const double load[2 * 4] = {90, 40, 40, 30, 20, 70, 60, 50};
  int32_t slots[2 * 6]; /* the expert on each slot */
  int32_t rank[2 * 6];  /* which of its expert's replicas it is */
  plimsoll_error error;

  plimsoll_rebalance_request request;
  plimsoll_rebalance_request_init(&request, sizeof request);
  request.layers = 2;
  request.experts = 4;
  request.slots = 6;
  request.devices = 2;
  request.load = load;
  plimsoll_plan* plan = plimsoll_rebalance(&request, NULL, &error);
  if (plan == NULL) {
    fprintf(stderr, "%s %s\n", error.pointer, error.message);
    return 2;
  }

  plimsoll_plan_slots(plan, slots, 12, &error);
  plimsoll_plan_rank(plan, rank, 12, &error);
  for (int layer = 0; layer < 2; ++layer) {
    for (int slot = 0; slot < 6; ++slot) printf("%d.%d ", (int)slots[6 * layer + slot], (int)rank[6 * layer + slot]);
    printf("\n");
  }

  plimsoll_plan_free(plan);
  return 0;
}
