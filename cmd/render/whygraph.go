package render

import (
	"slices"
	"strings"

	"asof/inspect/why"
	"asof/replay/state"
)

// graphNode returns the text of a node or an input in a graph, line by line.
func (v *whyView) graphNode(path safe, x state.Value, who safe) []safe {
	return []safe{path + " = " + v.value(x, whyValue), who}
}

// edges calls f with each input that is shown, and the id of its node.
func (v *whyView) edges(f func(n *why.Node, in *why.Input, id int)) {
	id := len(v.a.Nodes)
	for _, n := range v.a.Nodes {
		for _, in := range n.Shown(v.all) {
			if in.By != nil {
				f(n, in, in.By.ID)
				continue
			}
			id++
			f(n, in, id)
		}
	}
}

// graph calls node with each node that is shown, and edge with each edge.
func (v *whyView) graph(node func(id int, lines []safe), edge func(from, to int, label safe)) {
	named := map[int]bool{}
	name := func(n *why.Node) {
		if !named[n.ID] {
			named[n.ID] = true
			node(n.ID, v.graphNode(pathText(n.Heading(), whyPath), n.Value, v.who(n)+v.then(n)))
		}
	}
	name(v.a.Root)
	type madeFrom struct {
		in *why.Input
		id int
	}
	var made []madeFrom
	last := len(v.a.Nodes)
	v.edges(func(n *why.Node, in *why.Input, id int) {
		if last = max(last, id); len(in.Made) > 0 {
			made = append(made, madeFrom{in, id})
		}
		if in.By != nil {
			name(in.By)
		} else {
			node(id, v.graphNode(v.name(in), in.Value, v.who(n)))
		}
		edge(id, n.ID, v.effect(n, in))
	})
	for _, m := range made {
		for i := range m.in.Made {
			from := &m.in.Made[i]
			last++
			node(last, v.graphNode(cutMiddle("event.data"+dotted(from.Path), whyPath), m.in.Value, pointName(from.Event.Moment())+" "+clean(from.Event.Type)))
			edge(last, m.id, "made from it")
			m.id = last
		}
	}
}

func (p *Printer) mermaid(a *why.Answer, all bool) {
	v := whyView{p: p, a: a, all: all}
	quote := func(s safe) safe {
		return safe(strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;", "&", "#amp;", "|", "#124;", "`", "#96;").Replace(string(s)))
	}
	p.text("flowchart LR")
	p.newline()
	v.graph(func(id int, lines []safe) {
		p.text("  n" + integer(int64(id)) + `["` + quote(lines[0]) + "<br/>" + quote(lines[1]) + `"]`)
		p.newline()
	}, func(from, to int, label safe) {
		p.text("  n" + integer(int64(from)) + " --> ")
		if label != "" {
			p.text(`|"` + quote(label) + `"| `)
		}
		p.text("n" + integer(int64(to)))
		p.newline()
	})
}

func (p *Printer) dot(a *why.Answer, all bool) {
	v := whyView{p: p, a: a, all: all}
	quote := func(lines ...safe) safe {
		all := slices.Clone(lines)
		for i := range all {
			all[i] = safe(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(string(all[i])))
		}
		var b safe
		for i, l := range all {
			if i > 0 {
				b += `\n`
			}
			b += l
		}
		return `"` + b + `"`
	}
	p.text("digraph why {\n  rankdir=LR\n  node [shape=box]")
	p.newline()
	v.graph(func(id int, lines []safe) {
		p.text("  n" + integer(int64(id)) + " [label=" + quote(lines...) + "]")
		p.newline()
	}, func(from, to int, label safe) {
		p.text("  n" + integer(int64(from)) + " -> n" + integer(int64(to)))
		if label != "" {
			p.text(" [label=" + quote(label) + "]")
		}
		p.newline()
	})
	p.text("}")
	p.newline()
}
