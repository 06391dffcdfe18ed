package wire

import (
	"strconv"
	"time"

	"asof/inspect/contrast"
	"asof/replay/state"
)

// Explained says what sets the bad streams of an invariant apart from the good ones.
type Explained struct {
	Bad         int              `json:"bad"`  // compared, over their events up to the first bad one
	Good        int              `json:"good"` // compared, over as many events
	BadStreams  int64            `json:"bad_streams"`
	GoodStreams int64            `json:"good_streams"`
	Short       int64            `json:"short"`     // good streams with fewer events than any bad one
	LeftOut     int64            `json:"left_out"`  // good streams left out to bound memory
	Unmatched   int              `json:"unmatched"` // bad streams longer than any good one
	Tried       int64            `json:"tried"`     // features that could have been found
	Cut         int64            `json:"cut"`       // members, values and types left out
	Shared      []Shared         `json:"shared"`    // the best first
	Releases    []TouchedRelease `json:"releases,omitzero"`
	NoRelease   int64            `json:"no_release,omitzero"` // first bad events before the first release
}

// Shared is a feature that sets bad streams apart.
type Shared struct {
	Text      string       `json:"text"`
	Feature   Feature      `json:"feature"`
	Bad       int          `json:"bad"`
	Good      int          `json:"good"`
	OddsRatio Value        `json:"odds_ratio"` // with one more stream in each group
	Low       Value        `json:"low"`        // of the 95 % interval
	High      Value        `json:"high"`
	P         Value        `json:"p"`      // of such a finding by chance, among all that were tried
	Always    []Feature    `json:"always"` // that all these events of the bad streams have
	Same      []Feature    `json:"same"`   // of exactly the same streams
	Near      []NearShared `json:"near"`
}

// NearShared is a feature of nearly the same streams.
type NearShared struct {
	Feature Feature `json:"feature"`
	Bad     int     `json:"bad"`
	Good    int     `json:"good"`
}

// A Feature is something that an event has, or two events in order.
type Feature struct {
	Kind  string  `json:"kind"`
	Type  *string `json:"type"` // null: of any type
	Path  *string `json:"path"`
	Value *string `json:"value"`
}

// TouchedRelease is a release that was live at first bad events.
type TouchedRelease struct {
	Name     string    `json:"name"`
	Time     time.Time `json:"time"`
	Culprits int       `json:"culprits"`
	Streams  int64     `json:"streams"` // with an event while it was live
}

func newExplained(x *contrast.Explained) *Explained {
	out := &Explained{
		Bad: x.Bad, Good: x.Good, BadStreams: x.AllBad, GoodStreams: x.AllGood, Short: x.Short, LeftOut: x.LeftOut,
		Unmatched: x.Unmatched, Tried: x.Tried, Cut: x.Cut, Shared: []Shared{}, NoRelease: x.Before,
	}
	for i := range x.Findings {
		f := &x.Findings[i]
		s := Shared{
			Text: f.Text(), Feature: newFeature(f.Feature), Bad: f.Bad, Good: f.Good, OddsRatio: digits(f.Odds), Low: digits(f.Low),
			High: digits(f.High), P: digits(f.P), Always: newFeatures(f.Always), Same: newFeatures(f.Same), Near: []NearShared{},
		}
		for _, n := range f.Near {
			s.Near = append(s.Near, NearShared{newFeature(n.Feature), n.Bad, n.Good})
		}
		out.Shared = append(out.Shared, s)
	}
	for _, r := range x.Releases {
		out.Releases = append(out.Releases, TouchedRelease{r.Name, r.At, r.Culprits, r.Streams})
	}
	return out
}

func newFeature(f contrast.Feature) Feature {
	return Feature{Kind: string(f.Kind), Type: text(&f.Type), Path: text(&f.Path), Value: text(&f.Value)}
}

func newFeatures(fs []contrast.Feature) []Feature {
	out := make([]Feature, len(fs))
	for i, f := range fs {
		out[i] = newFeature(f)
	}
	return out
}

// digits writes a statistic with three digits.
func digits(f float64) Value { return Value(state.NumberValue(strconv.FormatFloat(f, 'g', 3, 64))) }
