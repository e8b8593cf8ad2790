using OrleansBatch.Model;

// The model carries attributes only; its serializers are made here.
[assembly: GenerateCodeForDeclaringAssembly(typeof(Scope))]
