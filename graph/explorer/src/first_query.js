// What the first tab holds: a query that works as it stands.

export const FIRST_QUERY = `{
  meetings(first: 20) {
    totalCount
    nodes {
      id
      startTime
      endTime
      guestName
      event {
        id
        name
        durationInMinutes
      }
    }
  }
}
`;
