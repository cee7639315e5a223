#include "executor/model/model_shape.hpp"

#include <gtest/gtest.h>

#include <set>

#include "plimsoll/error.hpp"
#include "support/json.hpp"
#include "tests/error_of.hpp"

namespace plimsoll::executor {
namespace {

TEST(NamedShape, EveryNameIsAWholeShape) {
  const std::vector<std::string> names = shape_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : names) {
    const ModelShape shape = named_shape(name);
    EXPECT_EQ(shape.name, name);
    EXPECT_NO_THROW(check(shape.expert)) << name;
    EXPECT_NO_THROW(check(shape.router)) << name;
    EXPECT_GT(shape.router.experts, 1) << name;
    EXPECT_GT(shape.router.top_k, 0) << name;
    EXPECT_EQ(shape.type, NumberType::bf16) << name;
    EXPECT_EQ(shape.expert.biases, name.starts_with("gpt-oss")) << name;
    if (shape.attention) {
      EXPECT_NO_THROW(check(*shape.attention, shape.expert.width)) << name;
    }
    // An instance of the model's own size takes it as it is.
    EXPECT_EQ(fitted(shape, shape.router.experts, 0).router, shape.router) << name;
  }
}

TEST(NamedShape, SizesOfTheModels) {
  const ModelShape olmoe = named_shape("olmoe-1b-7b");
  EXPECT_EQ(olmoe.expert.width, 2048);
  EXPECT_EQ(olmoe.expert.inner, 1024);
  EXPECT_EQ(olmoe.router.experts, 64);
  EXPECT_EQ(olmoe.router.top_k, 8);
  EXPECT_EQ(olmoe.shared.inner, 0);
  const ModelShape deepseek = named_shape("deepseek-v3");
  EXPECT_EQ(deepseek.expert.width, 7168);
  EXPECT_EQ(deepseek.router.experts, 256);
  EXPECT_EQ(deepseek.router.groups, 8);
  EXPECT_EQ(deepseek.shared.inner, 2048);
  EXPECT_TRUE(named_shape("qwen1.5-moe-a2.7b").shared.gate);
}

TEST(NamedShape, AttentionOfTheModels) {
  const ModelShape pilot = named_shape("msa-10b");
  ASSERT_TRUE(pilot.attention);
  EXPECT_EQ(pilot.attention->sizes.query_heads, 32);
  EXPECT_EQ(pilot.attention->sizes.groups, 4);
  EXPECT_EQ(pilot.attention->sizes.index_size, 128);
  EXPECT_EQ(pilot.attention->selection.blocks, 16);
  ASSERT_TRUE(named_shape("qwen3-30b-a3b").attention);
  EXPECT_EQ(named_shape("qwen3-30b-a3b").attention->sizes.index_size, 0);
  EXPECT_FALSE(named_shape("mixtral-8x7b").attention->query_key_norm);
  for (const char* other : {"deepseek-v3", "kimi-k2", "gpt-oss-20b"}) EXPECT_FALSE(named_shape(other).attention);
}

TEST(NamedShape, UnknownNames) {
  const Error near = error_of([] { static_cast<void>(named_shape("olmoe-1b-7c")); });
  EXPECT_EQ(near.code(), ErrorCode::usage);
  EXPECT_NE(std::string(near.what()).find("\"olmoe-1b-7c\""), std::string::npos) << near.what();
  EXPECT_NE(std::string(near.what()).find("tiny"), std::string::npos) << near.what();
  EXPECT_EQ(near.advice(), "Maybe 'olmoe-1b-7b' was meant.");
  const Error far = error_of([] { static_cast<void>(named_shape("something else")); });
  EXPECT_EQ(far.code(), ErrorCode::usage);
  EXPECT_NE(far.advice().find("shape.json"), std::string::npos) << far.advice();
}

TEST(FittedShape, TakesTheInstancesNumbers) {
  const ModelShape tiny = named_shape("tiny");
  EXPECT_EQ(fitted(tiny, 12, 0).router.experts, 12);
  EXPECT_EQ(fitted(tiny, 12, 0).router.top_k, 2);
  EXPECT_EQ(fitted(tiny, 12, 5).router.top_k, 5);
  EXPECT_EQ(fitted(tiny, 2, 0).router.top_k, 2);
  const Error error = error_of([&] { static_cast<void>(fitted(tiny, 1, 0)); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_NE(std::string(error.what()).find("the instance has 1"), std::string::npos) << error.what();
  EXPECT_NE(error.advice().find("top_k"), std::string::npos);
}

TEST(FittedShape, GroupsAreKeptWhereTheyFit) {
  const ModelShape deepseek = named_shape("deepseek-v3");
  EXPECT_EQ(fitted(deepseek, 128, 0).router.groups, 8);
  EXPECT_EQ(fitted(deepseek, 12, 2).router.groups, 1);  // not divided
  EXPECT_EQ(fitted(deepseek, 8, 8).router.groups, 1);   // four groups of one expert cannot fill eight places
  for (int experts = 8; experts < 300; ++experts) {
    EXPECT_NO_THROW(check(fitted(deepseek, experts, 0).router)) << experts;
  }
}

ModelShape read(const std::string& text) { return read_shape(support::parse(text)); }

TEST(ReadShape, Defaults) {
  const ModelShape shape = read(R"({"plimsoll": 1, "width": 64, "inner": 48, "router": {"top_k": 2}})");
  EXPECT_EQ(shape.name, "unnamed");
  EXPECT_EQ(shape.type, NumberType::bf16);
  EXPECT_EQ(shape.expert.activation, Activation::swiglu);
  EXPECT_FALSE(shape.expert.biases);
  EXPECT_EQ(shape.router.top_k, 2);
  EXPECT_EQ(shape.router.score, RouterScore::softmax_before);
  EXPECT_EQ(shape.shared.inner, 0);
  EXPECT_FALSE(shape.attention);
  const ModelShape attending = read(R"({"plimsoll": 1, "width": 64, "inner": 48, "router": {"top_k": 2},
    "attention": {"query_heads": 4, "groups": 2, "head_size": 32}})");
  ASSERT_TRUE(attending.attention);
  EXPECT_EQ(attending.attention->sizes.index_size, 0);
  EXPECT_EQ(attending.attention->selection.blocks, 16);
  EXPECT_TRUE(attending.attention->selection.per_group);
  EXPECT_EQ(attending.attention->selection.local, Selection::Local::inside);
  EXPECT_TRUE(attending.attention->query_key_norm);
  EXPECT_TRUE(attending.attention->rotary);
  EXPECT_EQ(attending.attention->rotary_base, 1e6);
}

TEST(ReadShape, EveryKey) {
  const ModelShape shape = read(R"({"plimsoll": 1, "name": "mine", "width": 64, "inner": 48, "type": "f32",
    "activation": "clamped-swiglu", "biases": true, "clamp_limit": 5, "clamp_alpha": 1.5, "x-note": "free",
    "router": {"experts": 16, "top_k": 4, "score": "sigmoid", "selection_bias": true, "groups": 4, "groups_kept": 2,
               "group_score": "best", "renormalise": true, "scale": 2.5, "router_bias": true},
    "shared": {"inner": 96, "gate": true},
    "attention": {"query_heads": 4, "groups": 2, "head_size": 32, "index_size": 16, "blocks": 3, "selection": "global",
                  "local": "beside", "query_key_norm": false, "rotary": false, "rotary_base": 1e4}})");
  EXPECT_EQ(shape.name, "mine");
  EXPECT_EQ(shape.type, NumberType::f32);
  EXPECT_EQ(shape.expert.activation, Activation::clamped_swiglu);
  EXPECT_TRUE(shape.expert.biases);
  EXPECT_EQ(shape.expert.clamp_limit, 5);
  EXPECT_EQ(shape.expert.clamp_alpha, 1.5F);
  EXPECT_EQ(shape.router, (RouterShape{.experts = 16,
                                       .top_k = 4,
                                       .score = RouterScore::sigmoid,
                                       .selection_bias = true,
                                       .groups = 4,
                                       .groups_kept = 2,
                                       .group_score = GroupScore::best,
                                       .renormalise = true,
                                       .scale = 2.5F,
                                       .router_bias = true}));
  EXPECT_EQ(shape.shared.inner, 96);
  EXPECT_TRUE(shape.shared.gate);
  ASSERT_TRUE(shape.attention);
  const ModelAttention& attention = *shape.attention;
  EXPECT_EQ(attention.sizes.query_heads, 4);
  EXPECT_EQ(attention.sizes.groups, 2);
  EXPECT_EQ(attention.sizes.head_size, 32);
  EXPECT_EQ(attention.sizes.index_size, 16);
  EXPECT_EQ(attention.sizes.type, NumberType::f32);
  EXPECT_EQ(attention.selection.blocks, 3);
  EXPECT_FALSE(attention.selection.per_group);
  EXPECT_EQ(attention.selection.local, Selection::Local::beside);
  EXPECT_FALSE(attention.query_key_norm);
  EXPECT_FALSE(attention.rotary);
  EXPECT_EQ(attention.rotary_base, 1e4);
}

TEST(ReadShape, ErrorsNameTheirPlace) {
  const auto with = [](const std::string& members) {
    return R"({"plimsoll": 1, "width": 64, "inner": 48)" + members + "}";
  };
  const std::string router = R"(, "router": {"top_k": 2})";
  const auto attention = [&](const std::string& members) {
    return with(router + ", \"attention\": {" + members + "}");
  };
  const std::string heads = R"("query_heads": 4, "groups": 2, "head_size": 32)";
  struct Case {
    std::string text;
    std::string pointer;
  };
  for (const Case& wrong : {
           Case{"[]", ""},
           Case{"{}", ""},
           Case{R"({"width": 64, "inner": 48, "router": {"top_k": 2}})", ""},
           Case{R"({"plimsoll": 2, "width": 64, "inner": 48, "router": {"top_k": 2}})", "/plimsoll"},
           Case{R"({"plimsoll": 1, "width": 0, "inner": 48, "router": {"top_k": 2}})", "/width"},
           Case{R"({"plimsoll": 1, "width": 64, "inner": 1e9, "router": {"top_k": 2}})", "/inner"},
           Case{R"({"plimsoll": 1, "width": 64, "router": {"top_k": 2}})", ""},
           Case{with(""), ""},
           Case{with(R"(, "router": [])"), "/router"},
           Case{with(R"(, "router": {})"), "/router"},
           Case{with(R"(, "router": {"top_k": 2.5})"), "/router/top_k"},
           Case{with(R"(, "router": {"top_k": 2, "score": "softmax"})"), "/router/score"},
           Case{with(R"(, "router": {"top_k": 2, "score": 3})"), "/router/score"},
           Case{with(R"(, "router": {"top_k": 2, "group_score": "worst"})"), "/router/group_score"},
           Case{with(R"(, "router": {"top_k": 2, "scale": 0})"), "/router/scale"},
           Case{with(R"(, "router": {"top_k": 2, "renormalise": 1})"), "/router/renormalise"},
           Case{with(R"(, "router": {"top_k": 2, "topk": 3})"), "/router/topk"},
           Case{with(R"(, "router": {"experts": 8, "top_k": 9})"), "/router"},
           Case{with(R"(, "router": {"experts": 8, "top_k": 2, "groups": 3})"), "/router"},
           Case{with(router + R"(, "type": "f16")"), "/type"},
           Case{with(router + R"(, "activation": "gelu")"), "/activation"},
           Case{with(router + R"(, "biases": "yes")"), "/biases"},
           Case{with(router + R"(, "clamp_limit": -1)"), "/clamp_limit"},
           Case{with(router + R"(, "shared": {"gate": true})"), "/shared"},
           Case{with(router + R"(, "shared": {"inner": -1})"), "/shared/inner"},
           Case{with(router + R"(, "shared": {"inner": 1, "width": 2})"), "/shared/width"},
           Case{attention(""), "/attention"},
           Case{with(router + R"(, "attention": 4)"), "/attention"},
           Case{attention(R"("query_heads": 4, "groups": 2)"), "/attention"},
           Case{attention(R"("query_heads": 0, "groups": 2, "head_size": 32)"), "/attention/query_heads"},
           Case{attention(R"("query_heads": 4, "groups": 3, "head_size": 32)"), "/attention/query_heads"},
           Case{attention(R"("query_heads": 4, "groups": 2, "head_size": 40)"), "/attention/head_size"},
           Case{attention(heads + R"(, "index_size": -16)"), "/attention/index_size"},
           Case{attention(heads + R"(, "index_size": 8)"), "/attention/index_size"},
           Case{attention(heads + R"(, "blocks": 0)"), "/attention/blocks"},
           Case{attention(heads + R"(, "selection": "both")"), "/attention/selection"},
           Case{attention(heads + R"(, "local": true)"), "/attention/local"},
           Case{attention(heads + R"(, "rotary": "yes")"), "/attention/rotary"},
           Case{attention(heads + R"(, "rotary_base": 0)"), "/attention/rotary_base"},
           Case{attention(heads + R"(, "heads": 4)"), "/attention/heads"},
           Case{R"({"plimsoll": 1, "width": 40, "inner": 48, "router": {"top_k": 2}, "attention": {)" + heads + "}}",
                "/attention"},
           Case{with(router + R"(, "name": 5)"), "/name"},
           Case{with(router + R"(, "depth": 5)"), "/depth"},
       }) {
    const Error error = error_of([&] { static_cast<void>(read(wrong.text)); });
    EXPECT_EQ(error.code(), ErrorCode::input) << wrong.text;
    EXPECT_EQ(error.pointer(), wrong.pointer) << wrong.text << ": " << error.what();
    EXPECT_STRNE(error.what(), "") << wrong.text;
  }
}

// Groups without the number of experts: the instance says it, and fitted() sees whether they divide it.
TEST(ReadShape, GroupsOfAnInstancesExperts) {
  const ModelShape shape =
      read(R"({"plimsoll": 1, "width": 64, "inner": 48, "router": {"top_k": 2, "groups": 4, "groups_kept": 2}})");
  EXPECT_EQ(fitted(shape, 16, 0).router.groups, 4);
  EXPECT_EQ(fitted(shape, 10, 0).router.groups, 1);
}

}  // namespace
}  // namespace plimsoll::executor
