/* Solves an instance file until Ctrl-C, and writes the best plan by then to standard output: interrupted INSTANCE */
#include <plimsoll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static plimsoll_stop* stop;

static void on_interrupt(int number) {
  (void)number;
  plimsoll_stop_request(stop);
}

int main(int argc, char** argv) {
  plimsoll_error error;
  if (argc != 2) return 2;
  plimsoll_instance* instance = plimsoll_instance_from_file(argv[1], &error);
  if (instance == NULL) {
    fprintf(stderr, "%s: %s %s\n", argv[1], error.pointer, error.message);
    return 2;
  }

  stop = plimsoll_stop_make(&error);
  if (stop == NULL) return 2;
  signal(SIGINT, on_interrupt);
  plimsoll_options options;
  plimsoll_options_init(&options, sizeof options);
  options.time_limit_seconds = 3600;
  options.stop = stop;
  plimsoll_plan* plan = plimsoll_solve(instance, &options, &error);
  signal(SIGINT, SIG_DFL);
  if (plan == NULL) {
    fprintf(stderr, "%s\n", error.message);
    return 2;
  }

  uint64_t bytes = 0;
  plimsoll_plan_json(plan, NULL, 0, &bytes, &error);
  char* text = malloc(bytes);
  if (text == NULL || plimsoll_plan_json(plan, text, bytes, NULL, &error) != PLIMSOLL_OK) return 2;
  fputs(text, stdout);

  free(text);
  plimsoll_plan_free(plan);
  plimsoll_stop_free(stop);
  plimsoll_instance_free(instance);
  return 0;
}
