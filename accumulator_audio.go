package chatstream

import "slices"

// audio is the sound of an answer in the making.
type audio struct {
	state                presence
	id, transcript, data joined
	expiresAt            Optional[int64]
	extra                Members
}

func (s *audio) emptied() audio {
	return audio{
		id: s.id.emptied(), transcript: s.transcript.emptied(), data: s.data.emptied(),
		extra: s.extra[:0],
	}
}

func (s *audio) add(l *ledger, src *Audio) {
	s.state = set
	s.id.addFirst(l, &src.ID)
	s.transcript.add(l, &src.Transcript)
	s.data.add(l, &src.Data)
	if src.ExpiresAt.IsSet() {
		s.expiresAt = src.ExpiresAt
	}
	for i := range src.Extra {
		switch m := &src.Extra[i]; {
		case string(m.Name) == audioKind.names[audioTranscript] && isScalar(m.Value):
			s.transcript.addText(l, m.Value)
		case string(m.Name) == audioKind.names[audioData] && isScalar(m.Value):
			s.data.addText(l, m.Value)
		default:
			keepMember(l, &s.extra, m, keepLast)
		}
	}
}

func (s *audio) value() Optional[Audio] {
	if s.state != set {
		return Optional[Audio]{}
	}
	return Some(Audio{
		ID: s.id.value(), Transcript: s.transcript.value(), Data: s.data.value(),
		ExpiresAt: s.expiresAt, Extra: slices.Clip(s.extra),
	})
}
