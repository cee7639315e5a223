"""What several reports of `plimsoll run` on one plan say together: the median over the runs, window by window.

A machine that others use is slower now and then; the median of a few runs that took turns is that of none of these moments.
"""
import json
import statistics


def windows(paths):
    """Per window: (measured device seconds, predicted ones, measured expert seconds), medians over the reports."""
    reports = [json.load(open(path)) for path in paths]
    result = []
    for same in zip(*(report["windows"] for report in reports)):
        devices = [statistics.median(of) for of in zip(*(window["device_seconds"] for window in same))]
        seconds = statistics.median(window["expert_seconds"] for window in same)
        result.append((devices, same[0]["predicted_device_seconds"], seconds))
    return result


def errors(of_windows):
    """|measured - predicted| / predicted of all devices with tokens: median and 95th percentile."""
    all_errors = sorted(
        abs(measured - predicted) / predicted
        for devices, predictions, _ in of_windows
        for measured, predicted in zip(devices, predictions)
        if predicted > 0
    )
    return statistics.median(all_errors), all_errors[round(0.95 * (len(all_errors) - 1))]


def expert_seconds(of_windows, seats):
    """Measured, and predicted where devices take turns on so many seats."""
    predicted = 0.0
    for _, predictions, _ in of_windows:
        predicted += max(sum(predictions[seat::seats]) for seat in range(seats))
    return sum(seconds for _, _, seconds in of_windows), predicted


def others(paths):
    return max(json.load(open(path))["other_busy"] for path in paths)
