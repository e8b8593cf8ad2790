namespace OrleansBatch.Client.Commands;

/// <summary>Reads all pages of a listing.</summary>
internal static class Paging
{
    /// <summary>The elements of all pages.</summary>
    /// <param name="read">Reads the page of a token; the first has none.</param>
    public static async Task<IReadOnlyList<T>> AllAsync<T>(Func<string?, Task<(IReadOnlyList<T> Page, string? NextToken)>> read)
    {
        List<T> all = [];
        string? token = null;
        do
        {
            (var page, token) = await read(token);
            all.AddRange(page);
        }
        while (!string.IsNullOrEmpty(token));
        return all;
    }
}
