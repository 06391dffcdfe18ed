package wire

import "asof/inspect/why"

// A Why is where a value comes from, as a graph: values, and which of them another one
// was made from. The first node is the value of the question.
type Why struct {
	Account    Account    `json:"account"`
	Moment     Moment     `json:"moment"`
	Projection string     `json:"projection"`
	Nodes      []WhyNode  `json:"nodes"`
	Edges      []WhyEdge  `json:"edges"`
	Next       [][]string `json:"next,omitzero"` // commands to try, as arguments
}

// A WhyNode is a value. Kind is state, payload, metadata, link, event (a field of the
// event) or another (the state of another partition). Event is the one that set it, or
// whose part it is; null: no event set it. If open is set, its inputs are in the graph,
// except what unseen names and the untested ones.
type WhyNode struct {
	ID       int64      `json:"id"`
	Kind     string     `json:"kind"`
	Path     string     `json:"path"`
	Label    string     `json:"label,omitempty"` // the path with keys of array elements
	Then     *string    `json:"then"`            // the path after the event, if a later one moved the value of the question
	Value    Value      `json:"value"`
	Absent   bool       `json:"absent"` // there is no value
	Event    *EventHead `json:"event"`
	Made     []WhyMade  `json:"made"` // of a payload: the causes of the event with the same value, the direct one first
	Open     bool       `json:"open"`
	Unseen   *string    `json:"unseen"`
	Untested int64      `json:"untested"`
}

// A WhyMade is an event, by causation, whose payload has the value at path.
type WhyMade struct {
	Path  string     `json:"path"`
	Event *EventHead `json:"event"`
}

// A WhyEdge says that the handler of output's event read input. Verdict is matters, idle
// or unknown. Would is the part of the output at changed if the input had its earlier
// value, the one in instead, or none; parts says that only its elements or members are put
// back.
type WhyEdge struct {
	Input         int64   `json:"input"`
	Output        int64   `json:"output"`
	Parts         bool    `json:"parts"`
	Verdict       string  `json:"verdict"`
	Kept          bool    `json:"kept"` // it matters only as a part of the output that the event left as it was
	Earlier       Value   `json:"earlier"`
	EarlierAbsent bool    `json:"earlier_absent"`
	Instead       Value   `json:"instead"`
	Changed       *string `json:"changed"`
	Would         Value   `json:"would"`
	WouldAbsent   bool    `json:"would_absent"`
	Fails         *string `json:"fails"` // why the handler fails with the earlier value
}

var verdicts = [...]string{why.Unknown: "unknown", why.Matters: "matters", why.Idle: "idle"}

// NewWhy converts a.
func NewWhy(a *why.Answer) Why {
	x := Why{
		Account: NewAccount(a.Account), Moment: NewMoment(a.Moment), Projection: a.Projection,
		Nodes: make([]WhyNode, len(a.Nodes)), Edges: []WhyEdge{},
	}
	for i, n := range a.Nodes {
		x.Nodes[i] = WhyNode{
			ID: int64(n.ID), Kind: "state", Path: n.Path, Label: n.Label, Value: Value(n.Value), Absent: n.Value.IsAbsent(),
			Event: headOf(n.Event), Made: []WhyMade{}, Open: n.Open, Unseen: text(&n.Unseen), Untested: int64(n.Untested),
		}
		if n.Asked != nil {
			x.Nodes[i].ask(n)
		}
	}
	for _, n := range a.Nodes {
		for _, in := range n.Inputs {
			x.add(n, in)
		}
	}
	return x
}

// ask gives the value of the question the path that was asked for.
func (x *WhyNode) ask(n *why.Node) {
	if x.Path, x.Label = n.Asked.Path, n.Asked.Label; n.Path != x.Path {
		x.Then = &n.Path
	}
}

// changedOf returns the path of the output that the input changes, or nil.
func changedOf(in *why.Input) *string {
	if in.Verdict != why.Matters || in.Fails != "" {
		return nil
	}
	return &in.Changed
}

func madeOf(in *why.Input) []WhyMade {
	all := make([]WhyMade, len(in.Made))
	for i, m := range in.Made {
		all[i] = WhyMade{Path: m.Path, Event: headOf(m.Event)}
	}
	return all
}

// add adds an input, with a node if it is part of the event.
func (x *Why) add(n *why.Node, in *why.Input) {
	id := int64(len(x.Nodes) + 1)
	if in.By != nil {
		id = int64(in.By.ID)
	} else {
		x.Nodes = append(x.Nodes, WhyNode{
			ID: id, Kind: string(in.From), Path: in.Path, Value: Value(in.Value), Absent: in.Value.IsAbsent(), Event: headOf(n.Event), Made: madeOf(in),
		})
	}
	e := WhyEdge{
		Input: id, Output: int64(n.ID), Parts: in.Parts, Verdict: verdicts[in.Verdict], Kept: in.Kept,
		Earlier: Value(in.Earlier), EarlierAbsent: in.Earlier.IsAbsent(),
		Instead: Value(in.Instead), Changed: changedOf(in),
		Would: Value(in.Would), WouldAbsent: in.Verdict == why.Matters && in.Would.IsAbsent() && in.Fails == "", Fails: text(&in.Fails),
	}
	x.Edges = append(x.Edges, e)
}
