package render

import (
	"asof/replay"
	"asof/replay/state"
)

// accountJSON is what an answer rests on, and what it does not:
// {"events","unread","unhandled":{"Type":3},"gone_before","missing","left_out"}.
// gone_before is the first version that the store still has, where events before
// it are gone.
func accountJSON(a replay.Account) state.Value {
	n := state.NewObject()
	n.Set("events", jsonInt(a.Events))
	n.Set("unread", jsonInt(a.Unread))
	n.Set("unhandled", countsJSON(a.Unhandled))
	n.Set("gone_before", state.NullValue())
	if a.Gone {
		n.Set("gone_before", jsonInt(int64(a.First)))
	}
	n.Set("missing", jsonInt(a.Missing))
	n.Set("left_out", jsonTexts(a.LeftOut))
	return n.Value()
}

func countsJSON(counts map[string]int64) state.Value {
	n := state.NewObject()
	for name, count := range counts {
		n.Set(name, jsonInt(count))
	}
	return n.Value()
}
