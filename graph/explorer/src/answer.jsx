// The line under an answer: its HTTP status, how long it took, and the id to name when asking for help.

export function AnswerLine({ answer }) {
  if (!answer) return null;
  const kind = answer.status === 200 ? "good" : answer.status < 400 ? "partial" : "bad";
  return (
    <p className="answer-line" role="status">
      <span className={`answer-status answer-${kind}`}>{answer.status}</span>
      <span>{Math.round(answer.durationMs)} ms</span>
      {answer.requestId && <span className="answer-request">request {answer.requestId}</span>}
    </p>
  );
}
