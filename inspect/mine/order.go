package mine

// typeRules proposes in which order types happen.
func (p *proposing) typeRules() {
	first := ""
	for _, name := range p.names {
		p.tried++
		if n := p.types[name].begins; (p.total-n)*mostBroken <= p.total && n > 0 {
			first = name
			p.rules = append(p.rules, Rule{
				Kind: Begins, Type: name, Name: "every stream begins with " + name, Streams: p.total, Broken: p.total - n, read: 1,
			})
		}
	}
	p.after(first)
	for _, name := range p.names {
		t := p.types[name]
		if t.streams < p.total || t.repeated > 0 {
			p.add(Rule{Kind: Once, Type: name, Name: name + " happens at most once", Streams: t.streams, Broken: t.repeated})
		}
		p.add(Rule{Kind: Last, Type: name, Name: "nothing happens after " + name, Streams: t.streams, Broken: t.followed})
	}
}

// after proposes which types come only after others. What every stream begins with says
// nothing, and what follows through a third type is left out.
func (p *proposing) after(first string) {
	only := func(b, a string) bool {
		t := p.types[b]
		return a != b && a != first && (t.streams-t.before[a])*mostBroken <= t.streams && t.streams > 0
	}
	for _, b := range p.names {
		for _, a := range p.names {
			if a == b || b == first {
				continue
			}
			p.tried++
			if !only(b, a) {
				continue
			}
			implied := false
			for _, c := range p.names {
				implied = implied || c != a && c != b && only(b, c) && only(c, a)
			}
			if implied {
				continue
			}
			t := p.types[b]
			p.add(Rule{Kind: After, Type: b, Other: a, Name: b + " happens only after " + a, Streams: t.streams, Broken: t.streams - t.before[a]})
		}
	}
}
