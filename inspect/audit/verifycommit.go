package audit

import (
	"bytes"
	"encoding/hex"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/state"
)

// commitments checks everything that the record commits to.
func (o *opened) commitments(rec *Record, c *content, e *replay.Event, haveEvent bool) error {
	secret, redacted := []byte(nil), !get(o.line, "fields").IsAbsent()
	if text, ok := textAt(o.line, "secret"); ok && !redacted {
		secret = unhex(text, secretSize)
	}
	if !redacted && secret == nil {
		o.found(Unreadable, fileLeaves, "it has neither a secret nor salts")
		return nil
	}
	if !redacted {
		o.commit.begin(secret)
	}
	o.storedParts(rec, e, c, redacted, haveEvent)
	if !haveEvent {
		return nil
	}
	var root tlog.Hash
	var err error
	if redacted {
		root, err = o.redactedRoot(c)
	} else {
		root, err = o.openRoot(c)
	}
	if err != nil {
		return err
	}
	if hexOf(root) != rec.Fields {
		o.found(Manipulated, fileEvents, "its fields do not match its record")
	}
	return nil
}

func unhex(text string, size int) []byte {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != size {
		return nil
	}
	return b
}

// storedParts checks the stored payload and metadata.
func (o *opened) storedParts(rec *Record, e *replay.Event, c *content, redacted, haveEvent bool) {
	if o.stored.IsAbsent() {
		return
	}
	for _, p := range []struct{ key, what, want string }{
		{"payload", forPayload, rec.Payload}, {"metadata", forMetadata, rec.Metadata},
	} {
		b, present, ok := storedAt(o.stored, p.key)
		saltText, hasSalt := textAt(o.line, p.key+"_salt")
		switch {
		case !ok:
			o.found(Unreadable, fileStored, "its %s cannot be read", p.key)
			continue
		case !present && redacted && !hasSalt:
			continue // withheld
		case !present:
			o.found(Missing, fileStored, "its %s is missing", p.key)
			continue
		}
		var s salt
		if redacted {
			raw := unhex(saltText, saltSize)
			if raw == nil {
				o.found(Unreadable, fileLeaves, "the salt of its %s cannot be read", p.key)
				continue
			}
			copy(s[:], raw)
		} else {
			s = o.commit.salt(p.key, nil)
		}
		got := ""
		if b != nil {
			got = hexOf(o.commit.bytes(p.what, s, b))
		}
		if got != p.want {
			o.found(Manipulated, fileStored, "its %s does not match its record", p.key)
		}
		if p.key == "payload" && haveEvent && !redacted && e.Opaque == "" && !get(o.stored, "decoded").Bool() {
			o.sameData(b, c)
		}
	}
}

// sameData checks that the data of the event is the stored payload.
func (o *opened) sameData(stored []byte, c *content) {
	v, err := o.parser.Parse(stored)
	if stored == nil {
		v, err = state.NullValue(), nil
	}
	if err != nil || !bytes.Equal(state.AppendSorted(nil, v), state.AppendSorted(nil, c.data)) {
		o.found(Manipulated, fileEvents, "its data is not its stored payload")
	}
}
