package wire

import "asof/inspect/mine"

// Mined lists the invariants that a history suggests.
type Mined struct {
	At          *Moment           `json:"at"`      // of the whole store
	Untaken     int64             `json:"untaken"` // streams that no projection takes
	Projections []MinedProjection `json:"projections"`
	Next        [][]string        `json:"next,omitzero"` // commands to try, as arguments
}

// MinedProjection is the rules of the streams of one projection.
type MinedProjection struct {
	Projection *string     `json:"projection"`
	Streams    int64       `json:"streams"`
	Events     int64       `json:"events"`
	Tried      int64       `json:"tried"`    // rules that could have held
	Untested   int         `json:"untested"` // rules that may hold, too many to test
	Cut        int64       `json:"cut"`      // paths and types that were left out
	Failed     int         `json:"failed"`   // streams that could not be folded or read to their end
	Rules      []MinedRule `json:"rules"`
}

// MinedRule is a rule that holds in nearly all streams.
type MinedRule struct {
	Kind    string       `json:"kind"`
	Name    string       `json:"name"`
	Good    *string      `json:"good"`  // the expression for a check; null: a check cannot test it
	Known   bool         `json:"known"` // asof.toml has it
	Path    *string      `json:"path"`
	Type    *string      `json:"type"`
	Streams int64        `json:"streams"` // that tried it
	Broken  int64        `json:"broken"`  // that break it
	Breaks  []MinedBreak `json:"breaks"`  // the first ones
	Luck    Value        `json:"luck"`    // chance that a rule that every tenth stream breaks looks like this
}

// MinedBreak is an event that breaks a rule.
type MinedBreak struct {
	Event EventHead `json:"event"`
	Shows *string   `json:"shows"`
}

// NewMined converts r.
func NewMined(r *mine.Result) Mined {
	out := Mined{At: momentOf(r.At), Untaken: r.Untaken, Projections: make([]MinedProjection, len(r.Targets))}
	for i := range r.Targets {
		t := &r.Targets[i]
		p := MinedProjection{
			Projection: text(&t.Projection), Streams: t.Streams, Events: t.Events, Tried: t.Tried,
			Untested: t.More, Cut: t.Cut, Failed: t.Failed, Rules: make([]MinedRule, len(t.Rules)),
		}
		for j := range t.Rules {
			r := &t.Rules[j]
			p.Rules[j] = MinedRule{
				Kind: string(r.Kind), Name: r.Name, Good: text(&r.Good), Known: r.Known, Path: text(&r.Path), Type: text(&r.Type),
				Streams: r.Streams, Broken: r.Broken, Breaks: make([]MinedBreak, len(r.Breaks)), Luck: digits(r.Luck),
			}
			for k := range r.Breaks {
				b := &r.Breaks[k]
				p.Rules[j].Breaks[k] = MinedBreak{NewEventHead(b.Event), text(&b.Shows)}
			}
		}
		out.Projections[i] = p
	}
	return out
}
