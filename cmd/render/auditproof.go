package render

import (
	"asof/inspect/audit"
	"asof/replay/state"
)

// Proved prints where the proof of an event is.
func (p *Printer) Proved(x *audit.Proof, file string) {
	p.put(p.st.strong, clean(file)+" proves "+clean(string(x.Stream))+" version "+integer(x.Version)+", leaf "+number(x.Leaf))
	p.newline()
	p.Next(ProvedNext(file))
}

// Sampled prints the events of a sample, the total, and the commands to try next.
func (p *Printer) Sampled(ps []*audit.Proof, of int64, next [][]string) {
	p.put(p.st.strong, count(int64(len(ps)), "event", "events")+" of "+number(of)+", each proven to be in the tree of the checkpoint")
	p.newline()
	for _, x := range ps {
		p.sampled(x)
	}
	p.Next(next)
}

func (p *Printer) sampled(x *audit.Proof) {
	text := func(key string) safe { return clean(x.Event.Node().Get(key).Text()) }
	p.newline()
	p.put(p.st.strong, clean(string(x.Stream))+" version "+integer(x.Version)+"  "+text("type"))
	p.newline()
	const col = 12
	p.field("position", col, text("position"))
	p.field("leaf", col, number(x.Leaf))
	p.field("when", col, text("time"))
	who := text("authid")
	if who == "" {
		who = "not recorded"
	}
	p.field("who", col, who)
	if data := x.Event.Node().Get("data"); !data.IsAbsent() {
		p.body("payload", col, data)
	}
	if x.Changes.IsAbsent() {
		return
	}
	var cs []state.Change
	for _, c := range x.Changes.Node().Elems() {
		n := c.Node()
		ch := state.Change{Op: state.Op(n.Get("op").Text()), Path: n.Get("path").Text(), Label: n.Get("label").Text(), From: n.Get("from"), To: n.Get("to")}
		if ch.Op == state.OpAdd {
			ch.From = state.Value{}
		}
		if ch.Op == state.OpRemove {
			ch.To = state.Value{}
		}
		cs = append(cs, ch)
	}
	p.text("  ")
	p.dim("changed")
	p.newline()
	p.patch(cs, patchMost)
}

// Sealed prints the result of one seal run.
func (p *Printer) Sealed(s *audit.Sealed) {
	if len(s.Findings) > 0 {
		p.put(p.st.strong, "the history differs from the one sealed in "+clean(s.Log)+": "+count(int64(len(s.Findings))+s.More, "finding", "findings")+"; nothing was sealed")
		p.newline()
		p.findings(s.Findings, s.More)
		return
	}
	p.put(p.st.strong, count(s.Size-s.Before, "new event", "new events")+" sealed; the "+number(s.Before)+" sealed before are unchanged")
	p.newline()
	const col = 10
	p.field("leaves", col, number(s.Size))
	p.field("origin", col, clean(s.Origin))
	p.field("root", col, clean(s.Root))
	p.text("  This proves events unchanged since they were first sealed, not true when written.")
	p.newline()
	p.text("  Keep a copy of " + clean(Quote(s.Log)) + " or its checkpoint out of reach of the store's writers.")
	p.newline()
}
