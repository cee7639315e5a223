// Attention against what this machine can do: ceilings are measured in the same run, every iteration has a fresh query,
// and the best of the iterations counts.
//
//   bench_attention [rows...] [--keys N] [--threads T] [--seconds S] [--shuffled]
//
// Rows: dense-decode, dense-prefill, sparse-decode, traffic, top-k, layer, sparse-prefill, orders. Without any: all but
// sparse-prefill and orders, which take minutes. --keys replaces the numbers of keys of the table.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "bench/table.hpp"
#include "executor/attention/attention_layer.hpp"
#include "executor/attention/dense.hpp"
#include "executor/attention/index_branch.hpp"
#include "executor/attention/sparse.hpp"
#include "executor/attention/top_k.hpp"
#include "executor/ceilings/ceilings.hpp"
#include "executor/telemetry/busy.hpp"
#include "executor/threads/affinity.hpp"
#include "executor/threads/topology.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace {

using namespace plimsoll::executor;
using plimsoll::bench::shown;
using plimsoll::bench::Table;

struct Options {
  std::vector<std::string> rows;
  std::vector<int> keys;
  int threads = 0;
  double seconds = 2;
  bool shuffled = false;
};

// Clustered: runs of 512 to 4,095 keys around a centre of their own (a topic), centres with deviation 1 and keys about
// them with deviation 0.1 (tight) or 0.25. Queries are independent of the keys, or (topical) near the centre of some
// run, another one for each group. Outlier channels: every 32nd dimension has mean 30 and deviation 10.
enum class Keys { random, tight, clustered, topical, outlier_channels };
constexpr const char* key_names[] = {"random", "clustered 0.1", "clustered 0.25", "clustered 0.25, topical queries",
                                     "outlier channels"};

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Numbers whose distribution is near enough to normal and that cost little.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : random_(seed, 1) {}
  float next() {
    const std::uint64_t bits = random_.next();
    int sum = 0;
    for (int k = 0; k < 4; ++k) sum += static_cast<int>((bits >> (16 * k)) & 0xffffU);
    return (static_cast<float>(sum) - 131070.0F) * (1.0F / 37837.0F);
  }
  void fill(std::vector<float>& to) {
    for (float& number : to) number = next();
  }

 private:
  plimsoll::support::Random random_;
};

struct Bench {
  Options options;
  Isa isa = chosen_isa();
  std::vector<int> cores;
  Team team;
  Ceilings ceilings;
  AttentionWorkspace workspace;

  explicit Bench(const Options& of) : options(of), cores(cores_of(of.threads)), team(cores) {
    pin_this_thread(cores.front());  // or it would sit on another's core now and then, at half the speed
    CeilingOptions measured;
    measured.isa = isa;
    ceilings = measure_ceilings(team, measured);
    std::printf("%s, %d threads: f32 %.0f GFLOP/s, bf16 %.0f GFLOP/s, read stream %.1f GB/s (others busy %.2f)\n",
                std::string(name_of(isa)).c_str(), team.size(), ceilings.f32_flops * 1e-9, ceilings.bf16_flops * 1e-9,
                ceilings.read_bytes_per_second * 1e-9, ceilings.other_busy);
  }

  static std::vector<int> cores_of(int threads) {
    std::vector<int> cores;
    for (const Core& core : usable_cores()) cores.push_back(core.id);
    if (threads > 0) cores.resize(std::min(cores.size(), static_cast<std::size_t>(threads)));
    return cores;
  }

  [[nodiscard]] bool wants(const char* row, bool by_default) const {
    if (options.rows.empty()) return by_default;
    return std::find(options.rows.begin(), options.rows.end(), row) != options.rows.end();
  }
  [[nodiscard]] double bound(double bytes, double flops) const {
    return std::max(bytes / ceilings.read_bytes_per_second, flops / ceilings.bf16_flops);
  }
  // Best time of one call; `prepare` comes before each, untimed.
  double best(const std::function<void()>& prepare, const std::function<void()>& work) const {
    double shortest = 1e30;
    const double begin = now();
    for (int turn = 0; turn < 2 || now() - begin < options.seconds; ++turn) {
      prepare();
      const double from = now();
      work();
      shortest = std::min(shortest, now() - from);
      if (shortest > options.seconds) break;
    }
    return shortest;
  }
};

// A cache of so many random keys.
struct World {
  AttentionShape shape;
  BlockPool pool;
  Sequence sequence;
  float scale;
  Numbers numbers{7};
  bool topical;
  std::vector<float> centres;
  plimsoll::support::Random random{11, 3};

  World(Bench& bench, const AttentionShape& of, int keys, Keys kind, bool quantised)
      : shape(of),
        pool(of, keys / block_keys + 8 + (bench.options.shuffled ? keys / block_keys : 0), quantised),
        sequence(pool),
        scale(1.0F / std::sqrt(static_cast<float>(of.head_size))),
        topical(kind == Keys::topical) {
    constexpr int step = 8192;
    const auto width = static_cast<std::size_t>(shape.groups * shape.head_size);
    const auto index = static_cast<std::size_t>(shape.index_size);
    std::vector<float> some(step * width);
    numbers.fill(some);
    std::vector<float> index_keys(step * index);
    std::vector<float> centre(index, 0.0F);
    std::size_t left = 0;
    for (int first = 0; first < keys; first += step) {
      const int count = std::min(step, keys - first);
      numbers.fill(index_keys);
      for (std::size_t j = 0; j < index_keys.size() && kind != Keys::random; j += index) {
        if (kind == Keys::outlier_channels) {
          for (std::size_t d = 3; d < index; d += 32) index_keys[j + d] = 30.0F + 10.0F * index_keys[j + d];
          continue;
        }
        if (left == 0) {
          left = 512 + random.below(3584);
          numbers.fill(centre);
          centres.insert(centres.end(), centre.begin(), centre.end());
        }
        --left;
        for (std::size_t d = 0; d < index; ++d)
          index_keys[j + d] = centre[d] + (kind == Keys::tight ? 0.1F : 0.25F) * index_keys[j + d];
      }
      sequence.append(count, some.data(), some.data(), index_keys.data(), bench.team);
    }
    if (bench.options.shuffled) {
      for (int number = 0; number < keys / block_keys; ++number) {
        sequence.move_block(static_cast<int>(random.below(static_cast<std::size_t>(keys / block_keys))));
      }
    }
  }

  [[nodiscard]] std::vector<float> queries(int count) const {
    return std::vector<float>(static_cast<std::size_t>(count * shape.query_heads * shape.head_size));
  }
  [[nodiscard]] std::vector<float> index_queries(int count) const {
    return std::vector<float>(static_cast<std::size_t>(count * shape.groups * shape.index_size));
  }
  void fill_index_queries(std::vector<float>& to) {
    numbers.fill(to);
    if (!topical) return;
    const auto index = static_cast<std::size_t>(shape.index_size);
    for (std::size_t row = 0; row < to.size(); row += index) {
      const std::size_t topic = static_cast<std::size_t>(random.below(centres.size() / index)) * index;
      for (std::size_t d = 0; d < index; ++d) to[row + d] = centres[topic + d] + 0.5F * to[row + d];
    }
  }
  [[nodiscard]] std::vector<QueryRun> last(int count) const {
    return {{&sequence, 0, count, sequence.length() - count}};
  }
  [[nodiscard]] double dense_flops(double keys) const { return 4.0 * shape.query_heads * shape.head_size * keys; }
  [[nodiscard]] double key_bytes() const { return 4.0 * shape.groups * shape.head_size; }  // and values, bf16
};

std::string time_of(double seconds) {
  return seconds < 1e-3 ? shown("%.1f us", seconds * 1e6)
         : seconds < 1  ? shown("%.2f ms", seconds * 1e3)
                        : shown("%.2f s", seconds);
}

void dense_decode(Bench& bench, World& world, Table& table) {
  std::vector<float> queries = world.queries(1);
  std::vector<float> outputs = queries;
  const double seconds =
      bench.best([&] { world.numbers.fill(queries); },
                 [&] {
                   dense_attention(world.shape, block_kernels(bench.isa, world.shape.type), world.scale, world.last(1),
                                   queries.data(), outputs.data(), nullptr, bench.workspace, bench.team);
                 });
  const double keys = world.sequence.length();
  const double bound = bench.bound(world.key_bytes() * keys, world.dense_flops(keys));
  table.add(
      {"dense decode", shown("%.0f", keys), time_of(seconds), time_of(bound), shown("%.2f x bound", seconds / bound)});
}

void dense_prefill(Bench& bench, int queries_count, Table& table) {
  World world(bench, {}, queries_count, Keys::random, false);
  std::vector<float> queries = world.queries(queries_count);
  world.numbers.fill(queries);
  std::vector<float> outputs = queries;
  const double seconds = bench.best([] {},
                                    [&] {
                                      dense_attention(world.shape, block_kernels(bench.isa, world.shape.type),
                                                      world.scale, world.last(queries_count), queries.data(),
                                                      outputs.data(), nullptr, bench.workspace, bench.team);
                                    });
  const double flops = world.dense_flops(0.5 * queries_count * (queries_count + 1.0));
  table.add({"dense prefill", shown("%.0f", queries_count), time_of(seconds),
             time_of(flops / bench.ceilings.bf16_flops),
             shown("%.1f %% of peak", 100 * flops / seconds / bench.ceilings.bf16_flops)});
}

struct SparseTimes {
  double index;
  double main;
  IndexTraffic traffic;
  bool identical;
};

// The best whole step, with how it divides.
SparseTimes sparse_step(Bench& bench, World& world, IndexForm form, int count, SparseOrder order) {
  const Selection selection;
  const int slots = selection_slots(selection);
  std::vector<float> queries = world.queries(count);
  std::vector<float> outputs = queries;
  std::vector<float> index_queries = world.index_queries(count);
  std::vector<std::int32_t> selected(static_cast<std::size_t>(count * world.shape.groups * slots));
  std::vector<std::int32_t> expected = selected;
  const std::vector<QueryRun> runs = world.last(count);
  const auto select = [&](IndexForm of, std::vector<std::int32_t>& into) {
    return select_blocks({world.shape, selection, of, bench.isa}, runs, index_queries.data(), into.data(),
                         bench.workspace, bench.team);
  };
  SparseTimes best{1e30, 0, {}, true};
  const double begin = now();
  for (int turn = 0; turn < 2 || now() - begin < bench.options.seconds; ++turn) {
    world.numbers.fill(queries);
    world.fill_index_queries(index_queries);
    const double from = now();
    const IndexTraffic traffic = select(form, selected);
    const double between = now();
    sparse_attention(world.shape, block_kernels(bench.isa, world.shape.type), world.scale, order, runs, queries.data(),
                     selected.data(), slots, outputs.data(), nullptr, bench.workspace, bench.team);
    const double end = now();
    if (form != IndexForm::exact && turn < 3) {
      (void)select(IndexForm::exact, expected);
      best.identical = best.identical && expected == selected;
    }
    const bool longer = end - from >= best.index + best.main;
    const bool last = end - from > 2 * bench.options.seconds;
    if (longer) continue;
    best.index = between - from;
    best.main = end - between;
    best.traffic = traffic;
    if (last) break;
  }
  return best;
}

constexpr const char* form_names[] = {"bf16", "int8", "hierarchical"};

void sparse_decode(Bench& bench, World& world, Table& table) {
  const double keys = world.sequence.length();
  for (const IndexForm form : {IndexForm::exact, IndexForm::quantised, IndexForm::hierarchical}) {
    const SparseTimes times = sparse_step(bench, world, form, 1, SparseOrder::by_query);
    const double seconds = times.index + times.main;
    const double bytes = 256 * keys + 16 * block_keys * world.key_bytes();
    const double bound = bytes / bench.ceilings.read_bytes_per_second;
    table.add({std::string("MSA decode, ") + form_names[static_cast<int>(form)], shown("%.0f", keys), time_of(seconds),
               time_of(bound),
               shown("%.2f x bf16 byte bound", seconds / bound) + ", index " + time_of(times.index) + ", main " +
                   time_of(times.main) + (times.identical ? ", sets identical" : ", SETS DIFFER")});
  }
}

void traffic(Bench& bench, int keys, Table& table) {
  AttentionShape shape;
  shape.query_heads = 4;
  shape.head_size = 16;
  for (const Keys kind : {Keys::random, Keys::tight, Keys::clustered, Keys::topical, Keys::outlier_channels}) {
    World world(bench, shape, keys, kind, true);
    double flat = 0;
    for (const IndexForm form : {IndexForm::exact, IndexForm::quantised, IndexForm::hierarchical}) {
      const SparseTimes times = sparse_step(bench, world, form, 1, SparseOrder::by_query);
      const auto bytes = static_cast<double>(times.traffic.bytes());
      if (form == IndexForm::quantised) flat = bytes;
      std::string note = shown("%.1f MB", bytes * 1e-6);
      if (flat > 0) note += shown(", %.3f of flat int8", bytes / flat);
      note += shown(", %.0f blocks rescored", static_cast<double>(times.traffic.rescored));
      table.add({std::string("index branch, ") + key_names[static_cast<int>(kind)] + " keys, " +
                     form_names[static_cast<int>(form)],
                 shown("%.0f", keys), time_of(times.index), "",
                 note + (times.identical ? ", sets identical" : ", SETS DIFFER")});
    }
  }
}

void top_k_alone(Bench& bench, Table& table) {
  constexpr int blocks = 8192;
  constexpr int groups = 4;
  Numbers numbers(3);
  std::vector<float> scores(blocks * groups);
  std::vector<Ranked> best(16);
  const double seconds = bench.best([&] { numbers.fill(scores); },
                                    [&] {
                                      for (int group = 0; group < groups; ++group) {
                                        (void)top_k({&scores[static_cast<std::size_t>(group) * blocks], blocks}, best);
                                      }
                                    });
  table.add({"top-k alone, 4 groups, k 16", "8192 blocks", time_of(seconds), "", "one thread"});
}

void sparse_prefill(Bench& bench, int keys, Table& table) {
  constexpr int count = 256;
  World world(bench, {}, keys, Keys::random, true);
  double shortest = 1e30;
  for (const IndexForm form : {IndexForm::exact, IndexForm::quantised}) {
    const SparseTimes times = sparse_step(bench, world, form, count, SparseOrder::by_block);
    shortest = std::min(shortest, times.index + times.main);
    table.add({std::string("MSA prefill, last 256, ") + form_names[static_cast<int>(form)], shown("%.0f", keys),
               time_of(times.index + times.main), "",
               "index " + time_of(times.index) + ", main " + time_of(times.main) +
                   (times.identical ? ", sets identical" : ", SETS DIFFER")});
  }
  // A tile of dense prefill per group costs the same for every 6 queries; 24 of them are 4 tiles.
  constexpr int some = 24;
  std::vector<float> queries = world.queries(some);
  world.numbers.fill(queries);
  std::vector<float> outputs = queries;
  const double from = now();
  dense_attention(world.shape, block_kernels(bench.isa, world.shape.type), world.scale, world.last(some),
                  queries.data(), outputs.data(), nullptr, bench.workspace, bench.team);
  const double seconds = (now() - from) * count / some;
  table.add(
      {"dense prefill, last 256 (24 measured)", shown("%.0f", keys), time_of(seconds), "",
       shown("%.1f times the best MSA", seconds / shortest) +
           shown(", %.1f %% of peak", 100 * world.dense_flops(keys) * count / seconds / bench.ceilings.bf16_flops)});
}

void orders(Bench& bench, const std::vector<int>& lengths, Table& table) {
  for (const int keys : lengths) {
    World world(bench, {}, keys, Keys::random, true);
    for (const SparseOrder order : {SparseOrder::by_query, SparseOrder::by_block}) {
      const SparseTimes times = sparse_step(bench, world, IndexForm::exact, keys, order);
      const double flops = world.dense_flops(keys * std::min(16.0 * block_keys, 0.5 * keys));
      table.add({std::string("MSA prefill, all, ") + (order == SparseOrder::by_query ? "by query" : "by block"),
                 shown("%.0f", keys), time_of(times.index + times.main), "",
                 "index " + time_of(times.index) + ", main " + time_of(times.main) +
                     shown(" (%.0f %% of peak)", 100 * flops / times.main / bench.ceilings.bf16_flops)});
    }
  }
}

// The attention half of a layer of the 10B shape, after `keys` tokens.
void layer(Bench& bench, int keys, bool sparse, int count, Table& table) {
  AttentionLayerShape shape;
  shape.attention.query_heads = 32;
  shape.sparse = sparse;
  World world(bench, shape.attention, keys, Keys::random, true);
  BlockPool& pool = world.pool;
  AttentionLayer attention(shape, bench.isa, 5, bench.team);
  std::vector<float> hidden(static_cast<std::size_t>(count * shape.width));
  AttentionTimes best;
  std::int64_t shortest = INT64_MAX;
  const double begin = now();
  for (int turn = 0; turn < 3 || now() - begin < bench.options.seconds; ++turn) {
    if (pool.free_blocks() < count / block_keys + 2) break;
    world.numbers.fill(hidden);
    Sequence fork = world.sequence.fork();
    const NewTokens tokens{&fork, 0, count};
    AttentionTimes times;
    attention.run({&tokens, 1}, count, hidden.data(), bench.workspace, bench.team, &times);
    std::int64_t sum = 0;
    for (const std::int64_t ns : times.ns) sum += ns;
    if (sum < shortest) shortest = sum, best = times;
  }
  const double tokens = count;
  const double seen = keys + 0.5 * (count + 1);
  const double kept = sparse ? std::min(seen, 16.0 * block_keys) : seen;
  const AttentionShape& of = shape.attention;
  const double in = (of.query_heads + 2.0 * of.groups) * of.head_size + (of.groups + 1.0) * of.index_size;
  const double out = of.query_heads * of.head_size;
  double bounds[static_cast<std::size_t>(AttentionPart::count)] = {};
  const auto part = [&](AttentionPart which) -> double& { return bounds[static_cast<std::size_t>(which)]; };
  part(AttentionPart::project_in) = bench.bound(2 * in * shape.width, 2 * in * shape.width * tokens);
  part(AttentionPart::project_out) = bench.bound(2 * out * shape.width, 2 * out * shape.width * tokens);
  part(AttentionPart::index) =
      sparse ? bench.bound(1.07 * of.index_size * keys, 2 * of.groups * of.index_size * seen * tokens) : 0;
  part(AttentionPart::attend) =
      bench.bound(world.key_bytes() * (count > 1 ? keys : kept), world.dense_flops(kept) * tokens);
  const std::string what =
      std::string(sparse ? "MSA" : "dense") + " layer (10B shape), " + shown("%.0f new tokens", tokens);
  table.add({what, shown("%.0f", keys), time_of(static_cast<double>(shortest) * 1e-9), "", ""});
  for (std::size_t k = 0; k < best.ns.size(); ++k) {
    const double seconds = static_cast<double>(best.ns[k]) * 1e-9;
    table.add({std::string("  ") + std::string(name_of(static_cast<AttentionPart>(k))), "", time_of(seconds),
               bounds[k] > 0 ? time_of(bounds[k]) : "",
               shown("%.1f %% of the layer", 100.0 * static_cast<double>(best.ns[k]) / static_cast<double>(shortest)) +
                   (bounds[k] > 0 ? shown(", %.0f %% of its bound", 100 * bounds[k] / seconds) : "")});
  }
}

Options parse(int count, char** words) {
  Options options;
  for (int k = 1; k < count; ++k) {
    const std::string word = words[k];
    const char* next = k + 1 < count ? words[k + 1] : "0";
    if (word == "--keys")
      options.keys.push_back(std::atoi(next)), ++k;
    else if (word == "--threads")
      options.threads = std::atoi(next), ++k;
    else if (word == "--seconds")
      options.seconds = std::atof(next), ++k;
    else if (word == "--shuffled")
      options.shuffled = true;
    else
      options.rows.push_back(word);
  }
  return options;
}

int run(int count, char** words) {
  const Options options = parse(count, words);
  Bench bench(options);
  BusyMeter busy;
  const auto keys_or = [&](std::vector<int> standard) { return options.keys.empty() ? standard : options.keys; };
  Table table({"what", "keys", "time", "bound", "figure"}, 1);
  const bool decode = bench.wants("dense-decode", true);
  const bool sparse = bench.wants("sparse-decode", true);
  if (decode || sparse) {
    for (const int keys : keys_or({32768, 131072, 1 << 20})) {
      World world(bench, {}, keys, Keys::random, sparse);
      if (decode) dense_decode(bench, world, table);
      if (sparse) sparse_decode(bench, world, table);
    }
  }
  if (bench.wants("dense-prefill", true)) dense_prefill(bench, keys_or({4096}).front(), table);
  if (bench.wants("traffic", true)) traffic(bench, keys_or({1 << 20}).front(), table);
  if (bench.wants("top-k", true)) top_k_alone(bench, table);
  if (bench.wants("sparse-prefill", false)) sparse_prefill(bench, keys_or({1 << 20}).front(), table);
  if (bench.wants("orders", false)) orders(bench, keys_or({2048, 8192, 32768}), table);
  if (bench.wants("layer", true)) {
    for (const bool of : {true, false}) {
      for (const int tokens : {1, 512}) layer(bench, keys_or({32768}).front(), of, tokens, table);
    }
  }
  table.print();
  std::printf("others had %.0f %% of the machine meanwhile\n", 100 * busy.other());
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run(count, words);
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "bench_attention: %s %s\n", error.what(), error.advice().c_str());
    return 1;
  }
}
