package why_test

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/why"
	"asof/replay"
)

// patches are payloads of merges: members of objects, lists that are replaced, and what is removed.
var patches = []string{
	`{"l":[1,2,3]}`, `{"l":[3]}`, `{"l":[]}`, `{"l":null}`, `{"o":[{"id":"a","v":1},{"id":"b","v":2}]}`, `{"o":[{"id":"b","v":2}]}`, `{"o":[{"id":"b","v":5},{"id":"c"}]}`,
	`{"m":{"x":1,"y":{"z":[1,2]}}}`, `{"m":{"x":null}}`, `{"m":{"y":{"z":[2]}},"n":1}`, `{"m":{"y":null,"w":{}}}`, `{"m":null}`, `{"m":7}`, `{"n":null,"l":[1]}`, `{"n":{"l":[[1],[2,3]]}}`, `{"n":{"l":[[2]]}}`, `{}`,
}

// TestWhyOfMerges asks merges for every path, and for some that are gone. Something of the payload
// of the event that set a value must matter: without any, the event changes nothing.
func TestWhyOfMerges(t *testing.T) {
	defer why.SetSpacing(0)
	rapid.Check(t, func(t *rapid.T) {
		why.SetSpacing(rapid.IntRange(1, 5).Draw(t, "spacing"))
		var events []string
		for range rapid.IntRange(1, 6).Draw(t, "events") {
			events = append(events, "E "+rapid.SampledFrom(patches).Draw(t, "patch"))
		}
		r := &rerun{t: t, events: events, merge: true}
		r.s = r.subject(events)
		r.states = newOracle(t, r.s, len(events)).states
		gone := []string{"", "/l/0", "/l/2", "/o/0", "/o/1/id", "/o[id=a]", "/o[id=b]/v", "/o[id=c]", "/m/x", "/m/y/z/1", "/m/w", "/n/l/0/0", "/n/l/1"}
		for _, path := range slices.Compact(slices.Sorted(slices.Values(append(questions(r), gone...)))) {
			a := r.ask(path, len(events))
			if a == nil || a.Root.Event == nil {
				continue
			}
			was := resultOf(r.states[a.Root.Event.Version], a.Root)
			for _, in := range a.Root.Inputs {
				r.checkInput(path, a.Root, in, was)
			}
			if !slices.ContainsFunc(a.Root.Inputs, func(in *why.Input) bool { return in.Verdict == why.Matters }) {
				t.Fatalf("%q: nothing of event %d matters: %+v", path, a.Root.Event.Version, a.Root.Inputs)
			}
		}
	})
}

// TestWhyOfWholeMerge asks for the state as a whole: the payload is what it comes from.
func TestWhyOfWholeMerge(t *testing.T) {
	r := &rerun{merge: true}
	a, err := why.Ask(context.Background(), r.subject([]string{`E {"a":1}`, `E {"b":2,"c":3}`}), at(2), "", why.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if in := a.Root.Inputs; len(in) != 1 || in[0].From != replay.FromPayload || in[0].Path != "" || in[0].Verdict != why.Matters || !in[0].Would.IsAbsent() || in[0].Changed != "/b" {
		t.Fatalf("%+v", in)
	}
}
