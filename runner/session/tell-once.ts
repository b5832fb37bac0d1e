/** The same news twice is no news. */
export function tellOnce<News>(tell: (news: News) => void): (news: News) => void {
  let last = '';
  return (news) => {
    const text = JSON.stringify(news);
    if (text !== last) tell(news);
    last = text;
  };
}
