// What tests/golden/rebalance/record.py wrote: requests, and what the published balancer returned.
#pragma once

#include <bit>
#include <cstdint>
#include <istream>
#include <sstream>
#include <string>
#include <vector>

#include "plimsoll/rebalance.hpp"

namespace plimsoll::testing {

struct RecordedCase {
  RebalanceRequest request;
  std::vector<int> slots;
  std::vector<int> ranks;
};

// Words of a line, runs written out.
inline std::vector<std::string> unpacked(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) {
    const std::size_t times = word.find('x');
    const int count = times == std::string::npos ? 1 : std::stoi(word.substr(times + 1));
    words.insert(words.end(), static_cast<std::size_t>(count), word.substr(0, times));
  }
  return words;
}

// False at the end of the file.
inline bool read_case(std::istream& in, RecordedCase& recorded) {
  std::string word;
  std::size_t layers = 0;
  std::size_t experts = 0;
  RebalanceRequest& request = recorded.request;
  if (!(in >> word >> layers >> experts >> request.slots >> request.groups >> request.nodes >> request.devices)) {
    return false;
  }
  std::string line;
  std::getline(in, line);
  std::getline(in, line);
  std::vector<double> load;
  for (const std::string& value : unpacked(line)) {
    load.push_back(value[0] == '#' ? static_cast<double>(std::bit_cast<float>(
                                         static_cast<std::uint32_t>(std::stoul(value.substr(1), nullptr, 16))))
                                   : static_cast<double>(std::stoll(value)));
  }
  request.load = Matrix<double>(layers, experts, std::move(load));
  std::getline(in, line);
  recorded.slots.clear();
  recorded.ranks.clear();
  for (const std::string& value : unpacked(line)) {
    const std::size_t dot = value.find('.');
    recorded.slots.push_back(std::stoi(value.substr(0, dot)));
    recorded.ranks.push_back(dot == std::string::npos ? 0 : std::stoi(value.substr(dot + 1)));
  }
  return true;
}

}  // namespace plimsoll::testing
