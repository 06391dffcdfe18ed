package render

import "time"

// Times are printed without their zone, which is named once: in the heading of a column
// ([Printer.timeHead]), on the line above a list ([Printer.inZone]), or after the first
// time ([Printer.time]).

// clock returns a time to the second.
func (p *Printer) clock(t time.Time) safe {
	return p.timeAs(t, "2006-01-02 15:04:05")
}

// timeAs returns a time in a layout of package time.
func (p *Printer) timeAs(t time.Time, layout string) safe {
	if t.IsZero() {
		return ""
	}
	p.clocks = true
	return safe(t.In(p.o.Zone).Format(layout))
}

// time returns a time to the second, with the zone if it was not named before.
func (p *Printer) time(t time.Time) safe {
	s := p.clock(t)
	if s == "" || p.zoned {
		return s
	}
	return s + " " + p.zone()
}

// exactTime returns a time in full precision, with its offset.
func (p *Printer) exactTime(t time.Time) safe {
	p.zoned = p.zoned || !t.IsZero()
	return p.timeAs(t, "2006-01-02 15:04:05.999999999 -07:00")
}

// zone returns the name of the zone of all times.
func (p *Printer) zone() safe {
	p.zoned = true
	switch name := p.o.Zone.String(); name {
	case "", "Local": // a zone without a name
		return safe("UTC" + time.Now().In(p.o.Zone).Format("-07:00"))
	default:
		return clean(name)
	}
}

// timeHead returns the heading of a column of times: "first (UTC)". It is the name alone
// if the zone was named before. On a terminal, a zone that is too long for cols columns is
// named on a line above.
func (p *Printer) timeHead(name safe, cols int) safe {
	if p.zoned {
		return name
	}
	zone := p.zone()
	head := name + " (" + zone + ")"
	if p.o.Width <= 0 || width(head) <= cols {
		return head
	}
	p.dim("times in " + zone)
	p.newline()
	return name
}

// inZone returns text that names the zone of the times below a line: "; times in UTC". It
// is empty if there are none, or if the zone was named before.
func (p *Printer) inZone(any bool) safe {
	if !any || p.zoned {
		return ""
	}
	return "; times in " + p.zone()
}

// ZoneNote returns a note that names the zone of the printed times. It is empty if none
// was printed, or if the zone was.
func (p *Printer) ZoneNote() string {
	if !p.clocks || p.zoned {
		return ""
	}
	return "times are in " + string(p.zone())
}
